import type { Caller, World } from './world.ts'

export interface Message {
  readonly id: string
  readonly event: string
  // Tests look into items freely.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly data: any
}

/** A stream of events as its reader sees it, read only when asked. */
export interface Followed {
  readonly response: Response
  /** The next block as it was sent, a comment too; undefined at the end. */
  block(): Promise<string | undefined>
  /** The next message, whatever comments come before; undefined at the end. */
  message(): Promise<Message | undefined>
  /** That many messages; fails when the stream ends before. */
  take(count: number): Promise<Message[]>
  leave(): Promise<void>
}

const messageOf = (block: string): Message | undefined => {
  const fields = new Map(
    block.split('\n').map((line) => {
      const [name = '', ...value] = line.split(': ')
      return [name, value.join(': ')] as const
    }),
  )
  const [id, event, data] = [fields.get('id'), fields.get('event'), fields.get('data')]
  return id === undefined || event === undefined || data === undefined
    ? undefined
    : { id, event, data: JSON.parse(data) }
}

/** Reads a body of `text/event-stream` block by block. */
export const followed = (response: Response): Followed => {
  if (!response.body) throw new Error(`no body: ${response.status}`)
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  const block: Followed['block'] = async () => {
    for (;;) {
      const end = text.indexOf('\n\n')
      if (end >= 0) {
        const found = text.slice(0, end)
        text = text.slice(end + 2)
        return found
      }
      const { done, value } = await reader.read()
      if (done) {
        if (text !== '') throw new Error(`cut off within a message: ${text}`)
        return undefined
      }
      text += decoder.decode(value as Uint8Array, { stream: true })
    }
  }
  const message: Followed['message'] = async () => {
    for (;;) {
      const next = await block()
      if (next === undefined) return undefined
      const found = messageOf(next)
      if (found) return found
    }
  }
  return {
    response,
    block,
    message,
    take: async (count) => {
      const taken: Message[] = []
      while (taken.length < count) {
        const next = await message()
        if (!next) throw new Error(`ended after ${taken.length} of ${count} messages`)
        taken.push(next)
      }
      return taken
    },
    leave: () => reader.cancel(),
  }
}

export interface FollowOptions {
  readonly after?: number
  readonly last?: string
}

/** Asks for the events as a stream. */
export const askStream = async (world: World, caller: Caller, { after, last }: FollowOptions = {}) =>
  world.app.request(
    `/${world.territory.info.code}/v1/events${after === undefined ? '' : `?after=${after}`}`,
    {
      headers: {
        authorization: `Bearer ${caller.secret}`,
        accept: 'text/event-stream',
        ...(last === undefined ? {} : { 'last-event-id': last }),
      },
    },
  )

export const follow = async (world: World, caller: Caller, options?: FollowOptions): Promise<Followed> => {
  const response = await askStream(world, caller, options)
  if (response.status !== 200) throw new Error(`no stream: ${response.status} ${await response.text()}`)
  return followed(response)
}
