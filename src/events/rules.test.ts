import { describe, expect, it } from 'vitest'
import type { Actor, Role } from '../kernel/ctx.ts'
import { ROLES } from '../kernel/ctx.ts'
import { dataFor } from './rules.ts'

const key = (role: Role): Actor => ({
  kind: 'key',
  keyId: 'akey_1',
  role,
  communityIds: [],
  practitionerId: role === 'practitioner' ? 'prac_1' : null,
})

const ASKED = { wave: 2, practitionerIds: ['prac_0', 'prac_1', 'prac_2'] }

describe('what an event tells', () => {
  it('[EVENT-10] a practitioner finds themself alone among those asked, or nobody', () => {
    expect(dataFor(key('practitioner'), 'en_sus.wave_started', ASKED)).toEqual({
      wave: 2,
      practitionerIds: ['prac_1'],
    })
    expect(dataFor(key('practitioner'), 'en_sus.wave_started', { practitionerIds: ['prac_0'] })).toEqual({
      practitionerIds: [],
    })
  })

  it('[EVENT-10] everybody else is told all of it, and the event itself stays as it is', () => {
    for (const actor of [
      ...ROLES.filter((role) => role !== 'practitioner').map(key),
      { kind: 'system', name: 'tick' } as const,
    ])
      expect(dataFor(actor, 'en_sus.wave_started', ASKED)).toBe(ASKED)
    expect(ASKED.practitionerIds).toHaveLength(3)
    const data = { slotId: 'slot_1' }
    expect(dataFor(key('practitioner'), 'en_sus.wave_started', data)).toBe(data)
  })

  it('[EVENT-20] which rules were set aside for somebody is told to who manages the sector, not to colleagues', () => {
    const data = { place: 1, overridden: ['absence'], practitionerIds: ['prac_0', 'prac_2'] }
    expect(dataFor(key('coordinator'), 'rota.changed', data)).toBe(data)
    expect(dataFor(key('practitioner'), 'rota.changed', data)).toEqual({
      place: 1,
      practitionerIds: ['prac_0', 'prac_2'],
    })
  })
})
