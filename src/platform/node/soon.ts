/** Commits that come within this time of each other are one reason to look. */
const QUIET_MS = 100

/** Longer than a tick, which looks anyway. */
const LONGEST_MS = 60_000

export interface Soon {
  /** Something may be to do: looks shortly, once for all who say so meanwhile. */
  wake(): void
  /** Stops looking, and resolves when what is under way is done. */
  stop(): Promise<void>
}

/**
 * Runs `run` when `next` says that its time has come, looking after each `wake` and when the time given before has
 * come. A run that fails is not tried again before the next `wake`.
 */
export const soon = (
  next: () => number | undefined,
  now: () => number,
  run: () => Promise<{ readonly isDone: boolean }>,
): Soon => {
  let timer: NodeJS.Timeout | undefined
  let lookAt = Infinity
  let isStopped = false
  const running = new Set<Promise<void>>()

  const lookIn = (milliseconds: number) => {
    const at = now() + milliseconds
    if (isStopped || at >= lookAt) return
    clearTimeout(timer)
    lookAt = at
    timer = setTimeout(look, milliseconds)
    timer.unref()
  }

  const lookAgain = () => {
    const at = next()
    if (at !== undefined) lookIn(Math.min(LONGEST_MS, Math.max(QUIET_MS, at - now())))
  }

  const look = () => {
    lookAt = Infinity
    const at = next()
    if (at === undefined) return
    if (at > now()) {
      lookAgain()
      return
    }
    const under = run().then(({ isDone }) => {
      running.delete(under)
      if (isDone && !isStopped) lookAgain()
    })
    running.add(under)
  }

  return {
    wake: () => lookIn(QUIET_MS),
    stop: async () => {
      isStopped = true
      clearTimeout(timer)
      await Promise.all(running)
    },
  }
}
