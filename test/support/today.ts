/**
 * UDJ_TEST_TODAY=2027-01-15 runs the tests on that day, to find what depends on the day they are run. The clock goes
 * on from noon; fake timers of a test go over it and come back to it.
 */
const today = process.env.UDJ_TEST_TODAY

if (today !== undefined) {
  const RealDate = Date
  const shift = RealDate.parse(`${today}T12:00:00Z`) - RealDate.now()
  const now = () => RealDate.now() + shift
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as object,
    apply: () => new RealDate(now()).toString(),
    get: (target, name): unknown => (name === 'now' ? now : Reflect.get(target, name)),
  })
  if (!(new Date().toISOString().startsWith(today) && new Date(Date.now()).toISOString().startsWith(today)))
    throw new Error(`UDJ_TEST_TODAY: the tests do not run on ${today}`)
}
