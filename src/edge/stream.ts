/** What a reader is sent next. */
export interface Chunk {
  /** Messages, '' when there are none. */
  readonly text: string
  /** Whether there is nothing more for now. */
  readonly isEnd: boolean
}

export interface StreamSource {
  /** Reads on from where it stopped; undefined when the reader may no longer be told anything. */
  readonly next: () => Chunk | undefined
  /** Calls the listener when there may be more, until the returned function is called. */
  readonly watch: (listener: () => void) => () => void
  /** Either ends the stream: the reader leaves, or the machine stops. */
  readonly until: readonly (AbortSignal | undefined)[]
  /** Milliseconds without a message until a heartbeat. */
  readonly silence: number
  readonly onError: (error: unknown) => void
  /** Called once, however the stream ends. */
  readonly onEnd: () => void
}

export const EVENT_STREAM = 'text/event-stream'

/** Keeps proxies from closing a silent connection, and tells both ends when the other is gone. */
export const SILENCE = 15_000

/** Silences that a reader may let pass without taking what it was sent. */
const PATIENCE = 4

const HEARTBEAT = ':\n\n'

/** Milliseconds until a reader that was cut off comes back. */
const RETRY = 'retry: 2000\n\n'

/** One item as a message of `text/event-stream` (HTML Living Standard §9.2). JSON has no line breaks of its own. */
export const messageOf = (id: number, type: string, item: unknown): string =>
  `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(item)}\n\n`

/**
 * A body that goes on until its reader leaves. It reads only what its reader takes, so that a slow one costs a place in
 * the list and no memory.
 */
export const streamBody = (source: StreamSource): ReadableStream<Uint8Array> => {
  const encoder = new TextEncoder()
  const state = { isBegun: false, isCancelled: false, isOver: false }
  let wake: () => void = () => undefined
  let unread: ReturnType<typeof setTimeout> | undefined
  const ring = () => wake()

  const end = () => {
    clearTimeout(unread)
    if (state.isOver) return
    state.isOver = true
    unwatch()
    for (const signal of source.until) signal?.removeEventListener('abort', end)
    source.onEnd()
    ring()
  }
  const unwatch = source.watch(ring)
  for (const signal of source.until) signal?.addEventListener('abort', end)

  const bell = () =>
    new Promise<void>((resolve) => {
      wake = resolve
    })
  /** Between two stretches without a message whoever else waits is served. */
  const breath = () => new Promise<void>((resolve) => setTimeout(resolve, 0))
  /** Not every runtime tells that a reader is gone: one that takes nothing for long is taken for gone. */
  const expectReading = () => {
    unread = setTimeout(end, PATIENCE * source.silence)
  }

  /** The next text to send, once there is one; undefined at the end. */
  const following = async (): Promise<string | undefined> => {
    const waited = { isLong: false }
    const timer = setTimeout(() => {
      waited.isLong = true
      ring()
    }, source.silence)
    try {
      while (!state.isOver) {
        if (source.until.some((signal) => signal?.aborted)) return undefined
        const chunk = source.next()
        if (chunk === undefined) return undefined
        if (chunk.text !== '') return chunk.text
        if (waited.isLong) return HEARTBEAT
        await (chunk.isEnd ? bell() : breath())
      }
      return undefined
    } catch (error) {
      source.onError(error)
      return undefined
    } finally {
      clearTimeout(timer)
    }
  }

  expectReading()
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        clearTimeout(unread)
        const text = state.isBegun ? await following() : RETRY
        state.isBegun = true
        if (state.isCancelled) return
        if (text === undefined) {
          end()
          controller.close()
          return
        }
        controller.enqueue(encoder.encode(text))
        if (!state.isOver) expectReading()
      },
      cancel: () => {
        state.isCancelled = true
        end()
      },
    },
    // Nothing is read ahead of the reader.
    { highWaterMark: 0 },
  )
}

/** Counts whom it lets in: how to leave, to be called once, or undefined for who has come in as often as they may. */
export const turnstile = (most: number) => {
  const inside = new Map<string, number>()
  return (holder: string): (() => void) | undefined => {
    const count = inside.get(holder) ?? 0
    if (count >= most) return undefined
    inside.set(holder, count + 1)
    return () => {
      const left = (inside.get(holder) ?? 1) - 1
      if (left > 0) inside.set(holder, left)
      else inside.delete(holder)
    }
  }
}
