/** An error as it may be logged: what locates it, and none of the values that were being stored or sent. */
export const describeError = (error: unknown): Record<string, unknown> => {
  if (!(error instanceof Error)) return { message: `a ${typeof error} was thrown` }
  const { name, cause } = error
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '))
  return {
    name,
    // drizzle writes the query and then the values bound to it; the query alone has only placeholders.
    message: error.message.split('\nparams:')[0],
    stack: frames.join('\n'),
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  }
}
