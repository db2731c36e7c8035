import type { OutgoingPort } from '../../edge/platform.ts'

/** Requests to the public Internet: a Worker has no private network to be led into. */
export const workerOutgoing: OutgoingPort = {
  post: async ({ url, headers, body, timeoutMs }) => {
    try {
      const signal = AbortSignal.timeout(timeoutMs)
      const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
      const { status } = response
      // Nobody looks at it; a body left unread would hold the connection.
      await response.body?.cancel()
      return { status }
    } catch (error) {
      return { error: error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'network' }
    }
  },
}
