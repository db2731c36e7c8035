import { describe, expect } from 'vitest'
import { setHolder } from '../../src/gardes/rotas/actions.ts'
import { cellOf } from '../../src/gardes/exports/csv/rules.ts'
import { escapeHtml } from '../../src/kernel/html.ts'
import { makeCommunity, makeGp } from '../support/members.ts'
import { makeRota, publish, rotaStage, shiftsOf } from '../support/rotas.ts'
import type { Suite } from '../support/runtime.ts'
import { NIGHT } from '../support/sectors.ts'
import type { Caller, World } from '../support/world.ts'

const HEAD =
  'Date;Jour;Garde;Début;Fin;Heures;Poste;Titulaire;RPPS titulaire;Exécutant;RPPS exécutant;Téléphone;Secteur;Catégorie'

const MARCH = { from: '2027-03-27', to: '2027-03-29' }

/** Evenings and nights of the Easter week-end on which clocks go forward; the first GP has the night of Sunday. */
const easter = async (world: World) => {
  const stage = await rotaStage(world, 2, {
    types: [{}, { ...NIGHT, headcount: 2 }],
    sector: { name: 'Secteur "Nord" ; Foch', siteName: '<MMG> & co', city: 'Nanterre' },
  })
  const rotaId = await makeRota(stage, MARCH)
  const shifts = await shiftsOf(stage.coordinator, rotaId)
  const night = shifts.find(({ localStart }) => localStart === '2027-03-28T00:00')
  if (!night) throw new Error('a night')
  const hold = (change: Parameters<typeof setHolder>[3]) =>
    world.act((ctx) => {
      setHolder(ctx, night.id, 1, change)
    })
  await hold({ titulaireId: stage.gps[0]?.id ?? null })
  return { ...stage, rotaId, night, hold }
}

const exported = async (caller: Caller, rotaId: string, query = '') => {
  const answer = await caller.get(`/rotas/${rotaId}/export${query}`)
  if (answer.status !== 200) throw new Error(answer.text)
  return answer
}

/** Cells by line; no quoted cell of these tests holds a line break. */
const linesOf = (csv: string): string[] => csv.replace('\ufeff', '').split('\r\n').slice(0, -1)

export const gardesExportsSuite: Suite = (rule) => {
  describe('exports', () => {
    rule('[EXPORT-1] the table as CSV opens in a French spreadsheet', async (world) => {
      const { coordinator, gps, rotaId } = await easter(world)
      const { headers, text } = await exported(coordinator, rotaId)
      expect(headers.get('content-type')).toBe('text/csv; charset=utf-8')
      expect(headers.get('content-disposition')).toBe(
        'attachment; filename="garde-2027-03-27-2027-03-29-prevu.csv"',
      )
      expect(headers.get('cache-control')).toBe('no-store')
      // The client has taken the mark off on decoding.
      const raw = await world.app.request(`/92/v1/rotas/${rotaId}/export`, {
        headers: { authorization: `Bearer ${coordinator.secret}` },
      })
      expect([...new Uint8Array(await raw.arrayBuffer())].slice(0, 3)).toEqual([0xef, 0xbb, 0xbf])
      expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
      const [head, ...lines] = linesOf(text)
      expect(head).toBe(HEAD)
      // Three evenings with a post, three nights with two.
      expect(lines).toHaveLength(9)
      const gp = (await world.admin.get(`/practitioners/${gps[0]?.id}`)).body
      expect(lines.filter((line) => line.startsWith('28/03/2027'))).toEqual([
        `28/03/2027;dimanche;Nuit profonde;00:00;08:00;7;Effecteur 1;${gp.family} Camille;${gp.rpps};;;;"Secteur ""Nord"" ; Foch";Nuit profonde`,
        '28/03/2027;dimanche;Nuit profonde;00:00;08:00;7;Effecteur 2;;;;;;"Secteur ""Nord"" ; Foch";Nuit profonde',
        '28/03/2027;dimanche;Soirée;20:00;24:00;4;Effecteur;;;;;;"Secteur ""Nord"" ; Foch";Soirée',
      ])
    })

    rule('[EXPORT-2] no cell is run as a formula, whatever somebody typed', async (world) => {
      const { coordinator, rotaId, hold } = await easter(world)
      await hold({
        outsideName: '=HYPERLINK("http://exemple.invalid";"Dr")',
        outsideRpps: '@1',
        outsidePhone: '+33639980099',
      })
      const { text } = await exported(coordinator, rotaId)
      expect(text).toContain(`;"'=HYPERLINK(""http://exemple.invalid"";""Dr"")";'@1;06 39 98 00 99;`)
      for (const start of ['=', '+', '-', '@', '\t'])
        expect(cellOf(`${start}1`).replace('"', '')).toMatch(/^'/)
      expect(cellOf('1-2')).toBe('1-2')
    })

    rule('[EXPORT-3] what was done is what is over, with who was to do it and who did', async (world) => {
      const { coordinator, gps, rotaId, hold } = await easter(world)
      const performed = async () =>
        linesOf((await exported(coordinator, rotaId, '?kind=performed')).text).slice(1)
      world.clock.set('2027-03-28T07:59:59+02:00')
      const before = await performed()
      await publish(coordinator, rotaId)
      // Before publication nothing is done, whatever the clock says.
      expect(before).toEqual([])
      // The two places of the first night, and the evening after it.
      expect(await performed()).toHaveLength(3)
      world.clock.set('2027-03-28T08:00:00+02:00')
      expect(await performed()).toHaveLength(5)
      const nightOf = async () =>
        (await performed()).find((line) => line.includes('Effecteur 1') && line.startsWith('28/'))
      const [first, second] = await Promise.all(
        gps.map(async ({ id }) => (await world.admin.get(`/practitioners/${id}`)).body),
      )
      const named = (gp: { family: string; rpps: string }) => `${gp.family} Camille;${gp.rpps}`
      expect(await nightOf()).toContain(`;${named(first)};${named(first)};`)
      await hold({ executantId: gps[1]?.id ?? null })
      expect(await nightOf()).toContain(`;${named(first)};${named(second)};`)
      await hold({ executantId: null, outsideName: 'Remplaçant-Fictif Alex', outsideRpps: '99900000001' })
      expect(await nightOf()).toContain(`;${named(first)};Remplaçant-Fictif Alex;99900000001;`)
      // Planned, it says who stands in, and nobody where the titulaire comes.
      await hold({ outsideName: null, outsideRpps: null })
      expect((await exported(coordinator, rotaId, '?kind=planned')).text).toContain(`;${named(first)};;;`)
    })

    rule('[EXPORT-4] the page prints alone: its own style, no script, all text escaped', async (world) => {
      const { coordinator, rotaId, hold } = await easter(world)
      await hold({ outsideName: '<script>alert(1)</script>', outsideRpps: null, outsidePhone: null })
      const { headers, text } = await exported(coordinator, rotaId, '?format=html')
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/]{43}='; /)
      const style = /<style>([^]*)<\/style>/.exec(text)?.[1] ?? ''
      const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style))
      expect(policy).toContain(`'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`)
      expect(style).toContain('@page { size: A4 landscape')
      expect(text).not.toMatch(/<script|\sstyle=|<link|<img|https?:/)
      expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
      expect(text).toContain('&lt;MMG&gt; &amp; co')
      expect(text).toContain('<html lang="fr">')
      expect(escapeHtml(`<a href="x">'&`)).toBe('&lt;a href=&quot;x&quot;&gt;&#39;&amp;')
    })

    rule('[EXPORT-5] the page calls nights by both days and names holidays', async (world) => {
      const { coordinator, rotaId } = await easter(world)
      const { text } = await exported(coordinator, rotaId, '?format=html')
      expect(text).toContain('<h2>mars 2027</h2>')
      expect(text).toContain('<td>nuit du ven. 26 au sam. 27</td>')
      expect(text).toContain('<td>sam. 27</td>')
      expect(text).toMatch(/<td>nuit du sam\. 27 au dim\. 28<\/td>.*<td class="hours">7 h<\/td>/)
      expect(text).toMatch(/<td>lun\. 29 <small>[^<]*Pâques[^<]*<\/small><\/td>/)
      expect(text).toContain('À pourvoir')
    })

    rule(
      '[EXPORT-5] a night of two months names the other one, and one of October has nine hours',
      async (world) => {
        const next = await rotaStage(world, 1, { types: [{ localEnd: '08:00' }, NIGHT] })
        const rotaId = await makeRota(next, { from: '2027-10-31', to: '2027-11-01' })
        const { text: page } = await exported(next.coordinator, rotaId, '?format=html')
        expect(page).toContain('nuit du dim. 31 au lun. 1er novembre')
        expect(page).toContain('nuit du dim. 31 octobre au lun. 1er')
        expect(page).toMatch(/nuit du sam\. 30 au dim\. 31<\/td>.*<td class="hours">9 h/)
      },
    )

    rule(
      '[EXPORT-6] a table is exported to whoever is shown the rota, telephones as on the rota',
      async (world) => {
        const { coordinator, gps, rotaId, hold } = await easter(world)
        await hold({ outsideName: 'Remplaçant-Fictif Alex', outsidePhone: '+33639980099' })
        const elsewhere = await makeCommunity(world, '92063')
        const stranger = await makeGp(world, elsewhere, '92063')
        const auditor = await world.key('auditor')
        const regulator = await world.key('regulator')
        const others = [stranger.caller, auditor, regulator]
        for (const caller of [...others, gps[0]?.caller ?? auditor])
          expect((await caller.get(`/rotas/${rotaId}/export`)).body).toMatchObject({
            status: 404,
            code: 'not_found',
          })
        await publish(coordinator, rotaId)
        const shows = async (caller: Caller) =>
          (await exported(caller, rotaId)).text.includes('06 39 98 00 99')
        for (const caller of [stranger.caller, auditor]) expect(await shows(caller)).toBe(false)
        for (const caller of [regulator, coordinator, gps[0]?.caller ?? auditor])
          expect(await shows(caller)).toBe(true)
      },
    )
  })
}
