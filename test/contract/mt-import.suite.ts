import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { COLUMNS } from '../../src/attachment/requests/import/rules.ts'
import { cellOf } from '../../src/gardes/exports/csv/rules.ts'
import { DAY } from '../../src/kernel/time.ts'
import { requestStage } from '../support/attachment.ts'
import { everyPage } from '../support/attempt.ts'
import { makeCommunity, rppsOf } from '../support/members.ts'
import type { Suite } from '../support/runtime.ts'
import type { Answered, Caller } from '../support/world.ts'

const FLAGS = ['ald', 'c2s', 'grossesse', 'handicap', 'dependance', 'sortie_hospitalisation']
const KNOWN = Object.fromEntries(
  [...FLAGS, 'palliatif', 'mt_retraite', 'isolement'].map((column) => [column, 'non']),
)

/** A line of which everything is known. */
const LINE: Readonly<Record<string, string>> = {
  ...KNOWN,
  famille: 'Fictive',
  prenom: 'Alix',
  naissance: '1980-02-29',
  sexe: 'F',
  telephone: '06 39 98 00 01',
  commune: '92050',
  consentement_le: '20/11/2026',
  consentement_par: 'Alix Fictive',
  consentement_moyen: 'oral',
}

/** A cell as our own files have it, which are separated by semicolons, or with commas in quotes. */
const written = (cell: string, separator: string) => {
  const safe = cellOf(cell)
  return separator === ',' && safe === cell && cell.includes(',') ? `"${cell}"` : safe
}

/** A file of lines that each differ from `LINE` so. */
const fileOf = (lines: readonly Readonly<Record<string, string>>[], separator: ';' | ',' = ';') =>
  [COLUMNS, ...lines.map((line) => COLUMNS.map((column) => ({ ...LINE, ...line })[column] ?? ''))]
    .map((cells) => `${cells.map((cell) => written(cell, separator)).join(separator)}\r\n`)
    .join('')

const send = (
  caller: Caller,
  raw: string | Uint8Array<ArrayBuffer>,
  query = '',
  headers: Record<string, string> = {},
): Promise<Answered> =>
  caller.post(`/mt-requests/import${query}`, undefined, {
    raw,
    headers: { 'content-type': 'text/csv', ...headers },
  })

const FIVE_MIB = 5 * 1024 * 1024

export const mtImportSuite: Suite = (rule) => {
  describe('import of requests', () => {
    rule('[MT-21] each line is a person, lines of a foyer are one request', async (world) => {
      const { coordinator, communityId } = await requestStage(world)
      const answer = await send(
        coordinator,
        fileOf([
          {},
          { prenom: 'Camille', foyer: 'A', ald: 'oui', mode_foyer: 'separable', distance_max_km: '7,5' },
          { prenom: 'Dominique', foyer: 'A', telephone: '', commune: '', consentement_le: '' },
          { prenom: 'Morgan', ald: '' },
        ]),
      )
      expect(answer.body).toEqual({ created: 3, people: 4, duplicates: [], rejected: [] })
      expect(answer.status).toBe(200)
      const items = (await coordinator.get('/mt-requests')).body.items
      expect(items).toHaveLength(3)
      const details = await Promise.all(
        items.map(async ({ id }: { id: string }) => (await coordinator.get(`/mt-requests/${id}`)).body),
      )
      const of = (given: string) => details.find(({ members }) => members[0].given === given)
      expect(of('Alix')).toMatchObject({
        communityId,
        source: 'cpts',
        commune: '92050',
        state: 'waiting',
        contact: { phone: '+33639980001' },
        consentBy: 'Alix Fictive',
        consent: { at: '2026-11-20T00:00:00+01:00', means: 'oral' },
      })
      expect(of('Camille')).toMatchObject({ class: 3, household: 'may_split', maxKm: 7.5 })
      expect(of('Camille').members).toHaveLength(2)
      expect(of('Morgan')).toMatchObject({ state: 'to_qualify', lacking: [{ flag: 'ald' }] })
      const events = (await everyPage(world.admin, '/audit', 200)).filter(({ type }) =>
        type.startsWith('mt_request'),
      )
      expect(events).toHaveLength(4)
      // Each has its own beginning in the journal, and the file no list of them.
      for (const { id, class: found, members } of items)
        expect((await world.admin.get(`/audit?subject=${id}`)).body.items).toMatchObject([
          {
            type: 'mt_request.created',
            data: { communityId, source: 'cpts', class: found, members: members.length },
          },
        ])
      expect(events[3]).toMatchObject({ type: 'mt_requests.imported', subject: communityId })
      expect(events[3].data).toEqual({
        communityId,
        created: 3,
        people: 4,
        duplicates: 0,
        rejected: 0,
        rulesVersion: 0,
      })
      expect(JSON.stringify(events)).not.toContain('Fictive')
    })

    rule('[MT-21] every column is read, names of communes too', async (world) => {
      const { coordinator } = await requestStage(world)
      const all = {
        reference: 'dossier 12',
        foyer: '',
        naissance: '29/2/1980',
        sexe: 'homme',
        telephone: '639980001',
        email: 'Alix@Example.org',
        commune: 'RUEIL MALMAISON',
        latitude: '48,90000000000000000012345',
        longitude: '2.2',
        source: 'Professionnel',
        visite_domicile: 'oui',
        fauteuil: 'O',
        langue: 'PT',
        sexe_medecin: 'F',
        mode_foyer: 'séparable',
        distance_max_km: '12',
        deja_vu_par: rppsOf(1),
        demande_le: '02/11/2026',
        consentement_moyen: 'Écrit',
        ...Object.fromEntries(Object.keys(KNOWN).map((column) => [column, 'Oui'])),
      }
      const answer = await send(coordinator, fileOf([all], ','))
      if (answer.body.created !== 1) throw new Error(answer.text)
      const [{ id }] = (await coordinator.get('/mt-requests')).body.items
      expect((await coordinator.get(`/mt-requests/${id}`)).body).toMatchObject({
        class: 1,
        commune: '92063',
        source: 'professional',
        needs: { homeVisit: true, wheelchair: true, language: 'pt', doctorSex: 'female' },
        household: 'may_split',
        maxKm: 12,
        alreadySeenBy: rppsOf(1),
        position: { lat: 48.9, lon: 2.2 },
        contact: { phone: '+33639980001', email: 'Alix@Example.org' },
        consent: { means: 'written' },
        waitingSince: '2026-11-02T00:00:00+01:00',
        weeksWaiting: 3,
        members: [{ sex: 'male', birthDate: '1980-02-29', flags: { pregnancy: true, isolation: true } }],
      })
    })

    rule('[MT-21] UTF-8 with its mark or without, or Windows-1252; semicolons or commas', async (world) => {
      const { coordinator } = await requestStage(world)
      const bytes = (text: string) => Uint8Array.from(text, (one) => (one === '’' ? 0x92 : one.charCodeAt(0)))
      const names = ['Zoë', 'Anaïs', 'Chloé', 'D’Arc']
      const [first, second, third, fourth] = names.map((prenom) => [{ prenom }])
      await send(coordinator, fileOf(first!))
      await send(coordinator, `\ufeff${fileOf(second!, ',')}`)
      await send(coordinator, bytes(fileOf(third!)), '', { 'content-type': 'text/csv; charset=utf-8' })
      await send(coordinator, bytes(fileOf(fourth!, ',')))
      const given: string[] = []
      for (const { id } of (await coordinator.get('/mt-requests')).body.items)
        given.push((await coordinator.get(`/mt-requests/${id}`)).body.members[0].given)
      expect(given.sort()).toEqual([...names].sort())
    })

    rule('[MT-22] every bad line is told with its reason, and not with what it says', async (world) => {
      const { coordinator } = await requestStage(world)
      const bad: [Record<string, string>, string][] = [
        [{ famille: '' }, 'famille'],
        [{ famille: 'x'.repeat(81) }, 'famille'],
        [{ prenom: 'a\u0007b' }, 'prenom'],
        [{ naissance: '31/02/1980' }, 'naissance'],
        [{ naissance: '80-02-01' }, 'naissance'],
        [{ naissance: '2027-01-01' }, 'naissance'],
        [{ sexe: 'x' }, 'sexe'],
        [{ telephone: '12' }, 'telephone'],
        [{ email: 'alix' }, 'email'],
        [{ commune: '75056' }, 'commune'],
        [{ latitude: '48.9' }, 'latitude'],
        [{ latitude: '91', longitude: '2' }, 'latitude'],
        [{ latitude: '2.207', longitude: '48.896' }, 'latitude et longitude : à plus de 50 km'],
        [{ latitude: '48.753.1', longitude: '2' }, 'latitude'],
        [{ demande_le: 'hier' }, 'demande_le'],
        [{ demande_le: '24/11/2026' }, 'demande_le'],
        [{ demande_le: '22/11/2016' }, 'demande_le'],
        [{ source: 'voisin' }, 'source'],
        [{ ald: 'peut-être' }, 'ald'],
        [{ langue: 'portugais' }, 'langue'],
        [{ sexe_medecin: 'x' }, 'sexe_medecin'],
        [{ mode_foyer: 'x' }, 'mode_foyer'],
        [{ distance_max_km: '0' }, 'distance_max_km'],
        [{ deja_vu_par: '123' }, 'deja_vu_par'],
        [{ consentement_le: '' }, 'consentement_le'],
        [{ consentement_le: '2026-11-24' }, 'consentement_le'],
        [{ consentement_par: '' }, 'consentement_par'],
        [{ consentement_moyen: 'fax' }, 'consentement_moyen'],
      ]
      const good = { prenom: 'Morgan' }
      const { body, text } = await send(coordinator, fileOf([good, ...bad.map(([line]) => line)]))
      expect(body).toMatchObject({ created: 1, duplicates: [] })
      expect(body.rejected).toHaveLength(bad.length)
      for (const [index, [line, column]] of bad.entries()) {
        expect(body.rejected[index].line).toBe(index + 3)
        expect(body.rejected[index].reason, JSON.stringify(line)).toContain(column)
      }
      for (const said of ['Fictive', '1980', 'peut-être', 'voisin']) expect(text).not.toContain(said)
    })

    rule('[MT-22] a household is taken over whole or not at all', async (world) => {
      const { coordinator } = await requestStage(world)
      const { body } = await send(
        coordinator,
        fileOf([
          { prenom: 'A', foyer: '1' },
          { prenom: 'B', foyer: '2' },
          { prenom: 'C', foyer: '1', naissance: 'hier' },
          { prenom: 'D', foyer: '2', telephone: '0639980002' },
          { prenom: 'E' },
          ...Array.from({ length: 13 }, (_, index) => ({ prenom: `F${'x'.repeat(index)}`, foyer: '3' })),
        ]),
      )
      expect(body).toMatchObject({ created: 1, people: 1 })
      expect(body.rejected).toHaveLength(17)
      expect(body.rejected.slice(0, 4)).toMatchObject([
        { line: 2, reason: 'foyer non repris : voir la ligne 4' },
        { line: 3, reason: 'foyer non repris : voir la ligne 5' },
        { line: 4, reason: expect.stringContaining('naissance') },
        { line: 5, reason: 'telephone : diffère de la première ligne du foyer' },
      ])
    })

    rule(
      '[MT-23] the same file changes nothing the second time, even once somebody was closed',
      async (world) => {
        const { coordinator } = await requestStage(world)
        const file = fileOf([{}, { prenom: 'Camille', foyer: 'A' }, { prenom: 'Morgan', foyer: 'A' }])
        expect((await send(coordinator, file)).body).toMatchObject({ created: 2, people: 3 })
        const [first] = (await coordinator.get('/mt-requests')).body.items
        await coordinator.post(`/mt-requests/${first.id}/withdraw`, { reason: 'found_mt' })
        world.clock.advance(30 * DAY)
        const again = (await send(coordinator, file)).body
        expect(again).toMatchObject({ created: 0, people: 0, rejected: [] })
        expect(again.duplicates.map(({ line }: { line: number }) => line)).toEqual([2, 3, 4])
        expect(again.duplicates.every((one: object) => 'requestId' in one)).toBe(true)
        expect((await coordinator.get('/mt-requests')).body.items).toHaveLength(2)
        // Who agreed anew since is a request anew.
        const fresh = fileOf(
          [{}, { prenom: 'Camille' }].map((line) => ({ ...line, consentement_le: '2026-12-20' })),
        )
        expect((await send(coordinator, fresh)).body.created).toBe(1)
      },
    )

    rule('[MT-23] the same person twice in a file is one, the rest of a household is kept', async (world) => {
      const { coordinator } = await requestStage(world)
      const { body } = await send(
        coordinator,
        fileOf([
          {},
          { famille: 'FICTIVE', prenom: 'alix' },
          { foyer: 'A' },
          { foyer: 'A', prenom: 'Camille' },
        ]),
      )
      expect(body).toEqual({
        created: 2,
        people: 2,
        duplicates: [
          { line: 3, firstLine: 2 },
          { line: 4, firstLine: 2 },
        ],
        rejected: [],
      })
    })

    rule(
      '[MT-23] who took their consent back is forgotten: the same file brings them in anew',
      async (world) => {
        const { coordinator } = await requestStage(world)
        const file = fileOf([{}, { prenom: 'Camille' }])
        expect((await send(coordinator, file)).body.created).toBe(2)
        const [revoked, moved] = (await coordinator.get('/mt-requests')).body.items
        await coordinator.post(`/mt-requests/${revoked.id}/withdraw`, { reason: 'consent_revoked' })
        await coordinator.post(`/mt-requests/${moved.id}/withdraw`, { reason: 'moved' })
        expect((await send(coordinator, file)).body).toMatchObject({
          created: 1,
          duplicates: [{ requestId: moved.id }],
        })
      },
    )

    rule('[MT-23] a dry run tells the same and writes nothing', async (world) => {
      const { coordinator } = await requestStage(world)
      const file = fileOf([{}, {}, { prenom: '' }])
      const dry = await send(coordinator, file, '?dryRun=true')
      expect(dry.body).toMatchObject({ created: 1, people: 1 })
      expect((await coordinator.get('/mt-requests')).body.items).toEqual([])
      expect((await send(coordinator, file)).body).toEqual(dry.body)
    })

    rule('[MT-23] every valid line is kept once, whatever is around it', async (world) => {
      const { coordinator } = await requestStage(world)
      let files = 0
      const cell = fc.constantFrom('', 'a', 'é;"', '=1+1', 'x\ny', ',', '\ufeff', '0')
      const line = fc.oneof(
        fc.record({ prenom: fc.constantFrom('Alix', 'Camille', 'Morgan') }),
        fc.dictionary(fc.constantFrom(...COLUMNS.filter((column) => column !== 'famille')), cell, {
          maxKeys: 3,
        }),
      )
      await fc.assert(
        fc.asyncProperty(
          fc.array(line, { maxLength: 8 }),
          fc.constantFrom(';' as const, ',' as const),
          async (lines, separator) => {
            const famille = `Nom${String.fromCharCode(...[...String(++files)].map((digit) => 97 + Number(digit)))}`
            const file = fileOf(
              lines.map((one) => ({ ...one, famille })),
              separator,
            )
            const { status, body } = await send(coordinator, file)
            expect(status).toBe(200)
            const told = [...body.duplicates, ...body.rejected].map(({ line: number }) => number)
            expect(new Set(told).size).toBe(told.length)
            expect(Number(body.people) + told.length).toBe(lines.length)
            expect((await send(coordinator, file)).body).toMatchObject({ created: 0, people: 0 })
          },
        ),
        { seed: 33, numRuns: 60 },
      )
    })

    rule('[MT-24] what is no list of requests is refused, without a word of it', async (world) => {
      const { coordinator } = await requestStage(world)
      const refused = async (raw: string, facts: object) => {
        const { body, text } = await send(coordinator, raw)
        expect(body).toMatchObject({ status: 422, code: 'invalid_csv', ...facts })
        expect(text).not.toContain('Fictive')
      }
      const header = COLUMNS.join(';')
      await refused('', { missing: expect.arrayContaining(['famille']) })
      await refused('Fictive;Alix;1980-02-29\n', { missing: expect.arrayContaining(['famille']) })
      await refused(`${header};Fictive\n`, { columns: [COLUMNS.length + 1] })
      await refused(`${header};famille\n`, { columns: [COLUMNS.length + 1] })
      await refused(`${header}\n;"Fictive\n${header}\n`, { line: 2 })
      await refused(`${header}\n${'x\n'.repeat(5_001)}`, { most: 5_000 })
      expect((await send(coordinator, `${header};;\n`)).body).toMatchObject({ created: 0 })
      expect((await send(coordinator, header)).body).toMatchObject({ created: 0, rejected: [] })
    })

    rule('[MT-24] five mebibytes of anything are refused or told, and never a bug', async (world) => {
      const { coordinator } = await requestStage(world)
      const header = `${COLUMNS.join(';')}\n`
      for (const unit of ['"', ';', '""', '=cmd|', '\n', 'a;"b"c\n', '\u0000']) {
        const raw = header + unit.repeat(Math.floor((FIVE_MIB - header.length) / unit.length))
        const { status } = await send(coordinator, raw)
        expect([200, 422], unit).toContain(status)
      }
      expect((await send(coordinator, 'a'.repeat(FIVE_MIB + 1))).status).toBe(413)
      expect((await coordinator.get('/mt-requests')).body.items).toEqual([])
      expect(world.logged.filter(({ level }) => level === 'error')).toEqual([])
    })

    rule('[MT-24] what a spreadsheet would run is nobody’s name', async (world) => {
      const { coordinator } = await requestStage(world)
      const { body } = await send(
        coordinator,
        fileOf([{ famille: '=HYPERLINK("x")' }, { prenom: '@SUM(A1)' }, { telephone: '+33 6 39 98 00 01' }]),
      )
      expect(body).toMatchObject({ created: 1, rejected: [{ line: 2 }, { line: 3 }] })
    })

    rule('[MT-25] only text/csv, under a key that stands for the bytes and the CPTS', async (world) => {
      const { coordinator, communityId } = await requestStage(world)
      const file = fileOf([{}])
      for (const type of ['application/json', 'text/plain', 'text/csvx'])
        expect((await send(coordinator, file, '', { 'content-type': type })).body).toMatchObject({
          status: 415,
          detail: 'Le corps attendu est text/csv.',
        })
      const post = (raw: string | Uint8Array<ArrayBuffer>, query = '') =>
        coordinator.post(`/mt-requests/import${query}`, undefined, {
          raw,
          idempotencyKey: 'import-0001',
          headers: { 'content-type': 'text/csv' },
        })
      const first = await post(Uint8Array.from(file, (one) => one.charCodeAt(0)))
      const again = await post(file)
      expect(again.text).toBe(first.text)
      expect(again.headers.get('idempotent-replayed')).toBe('true')
      for (const other of [await post(`${file}\n`), await post(file, `?community=${communityId}`)])
        expect(other.body.code).toBe('idempotency_key_reused')
      // Two files that read alike as UTF-8 are two.
      const bytes = (last: number) => Uint8Array.from([...file].map((one) => one.charCodeAt(0)).concat(last))
      const keyed = (raw: Uint8Array<ArrayBuffer>) =>
        coordinator.post('/mt-requests/import', undefined, {
          raw,
          idempotencyKey: 'import-0002',
          headers: { 'content-type': 'text/csv' },
        })
      expect((await keyed(bytes(0xe9))).status).toBe(200)
      expect((await keyed(bytes(0xe8))).body.code).toBe('idempotency_key_reused')
    })

    rule('[MT-25] a file is for one CPTS of the caller’s', async (world) => {
      const { coordinator, communityId } = await requestStage(world)
      const other = await makeCommunity(world, '92063')
      const both = await world.key('coordinator', { communityIds: [communityId, other] })
      const file = fileOf([{}])
      expect((await send(both, file)).body).toMatchObject({ status: 404, code: 'not_found' })
      expect((await send(world.admin, file)).status).toBe(404)
      expect((await send(coordinator, file, `?community=${other}`)).status).toBe(404)
      expect((await send(both, file, `?community=${other}`)).body.created).toBe(1)
      expect((await send(world.admin, file, `?community=${communityId}`)).body.created).toBe(1)
      expect((await send(coordinator, file)).body).toMatchObject({ created: 0 })
    })
  })
}
