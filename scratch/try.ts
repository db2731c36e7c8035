import { addDays, atMinute, daysBetween, getLocalDate, toInstant, weekdayOf } from '../src/kernel/civil.ts'
import { dayTypeOf } from '../src/kernel/calendar.ts'
import { HOUR, instant } from '../src/kernel/time.ts'
import { generate } from '../src/gardes/solver/generate.ts'
import type { Person, Problem, Shift } from '../src/gardes/solver/model.ts'
const zone = 'Europe/Paris' as const
const t = { code: '92' }
const build = (n: number, from: string, days: number, opts: { busy?: boolean; seed?: number } = {}): Problem => {
  const shifts: Shift[] = []
  const epoch = getLocalDate('1970-01-01')
  for (let i = 0; i < days; i++) {
    const date = addDays(getLocalDate(from), i)
    const dt = dayTypeOf(date, t)
    const day = daysBetween(epoch, date)
    const md = date.slice(5)
    const fete = ['12-24', '12-25', '12-31', '01-01'].includes(md) ? ['grande_fete'] : []
    const add = (code: string, cls: string, a: number, b: number, headcount: number) =>
      shifts.push({ id: `${date}-${code}`, code, role: 'effecteur', day, headcount, classes: [cls, ...fete],
        start: toInstant(atMinute(date, a), zone, 'forward'), end: toInstant(atMinute(date, b), zone, 'forward') })
    add('evening', 'evening', 1200, 1440, 1)
    add('night', 'night', 1440, 1920, 1)
    if (dt.type === 'saturday') add('saturday', 'saturday', 720, 1200, 1)
    if (dt.type === 'sunday' || dt.type === 'holiday') { add('am', dt.type, 480, 840, 2); add('pm', dt.type, 840, 1200, 2) }
  }
  const all = { start: instant(Date.parse(from) - 40 * 24 * HOUR), end: instant(Date.parse(from) + (days + 40) * 24 * HOUR) }
  const people: Person[] = Array.from({ length: n }, (_, i) => ({
    id: `p${String(i).padStart(2, '0')}`, share: 100, roles: ['effecteur'], member: [all], restrictions: [], absences: [], busy: [], elsewhere: [],
    maxPer7Days: null, maxPer28Days: null, maxTotal: null, carried: {},
  }))
  if (opts.busy) people.forEach((p, i) => {
    (p as any).absences = [0, 1, 2].map((k) => { const s = instant(Date.parse(from) + ((i * 37 + k * 101) % days) * 24 * HOUR); return { start: s, end: instant(s + 14 * 24 * HOUR) } })
    if (i % 5 === 0) (p as any).share = 50
    if (i % 7 === 0) (p as any).restrictions = [{ during: all, codes: ['night'] }]
    ;(p as any).carried = { evening: ((i * 7) % 5) * 300 - 600 }
  })
  return { seed: opts.seed ?? 0, limits: { restMs: 11 * HOUR, maxConsecutiveMs: 12 * HOUR, maxPer7Days: 3, maxPer28Days: 8 }, people, shifts, cells: [], published: [], wishes: opts.busy ? people.map((p, i) => ({ personId: p.id, want: 'avoid' as const, codes: null, during: { start: instant(Date.parse(from) + ((i * 53) % days) * 24 * HOUR), end: instant(Date.parse(from) + ((i * 53) % days + 7) * 24 * HOUR) } })) : [] }
}
for (const [name, p] of [['24x3m', build(24, '2026-12-01', 91)], ['24x3m busy', build(24, '2026-12-01', 91, { busy: true })], ['40x1y', build(40, '2027-01-01', 365)], ['40x1y busy', build(40, '2027-01-01', 365, { busy: true })], ['10x3m', build(10, '2026-12-01', 91)]] as const) {
  const t0 = performance.now()
  const it = generate(p)
  let r = it.next()
  while (!r.done) r = it.next()
  const rota = r.value
  console.log(name, p.shifts.reduce((a, s) => a + s.headcount, 0), 'places', Math.round(performance.now() - t0), 'ms steps', rota.steps, '/', rota.planned, 'unfilled', rota.unfilled.length)
  console.log('  ', rota.spreads.map((s) => `${s.class} ${s.value}/${s.bound}`).join(' '), JSON.stringify(rota.levels.map((l) => `${l.name} ${l.value}/${l.bound}`)))
}
{
  const p = build(40, '2027-01-01', 365)
  const it = generate(p); let r = it.next(); while (!r.done) r = it.next()
  const by = new Map<string, Record<string, number>>()
  for (const l of r.value.ledger) (by.get(l.personId) ?? by.set(l.personId, {}).get(l.personId)!)[l.class] = l.done
  console.log(JSON.stringify([...by.values()].sort((a, b) => a.total! - b.total!).filter((_, i) => i < 4 || i > 35)))
}
