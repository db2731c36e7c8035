import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { CURSORS, id, instantOut, localDate, page, pageQuery } from '../../../edge/schemas.ts'
import { dateOut, insiders, params, tag } from '../contract.ts'
import { shiftCode } from '../shift-types/contract.ts'
import { RESTRICTION_CLASSES, RESTRICTION_SOURCES, WANTS } from '../vocabulary.ts'

const shiftTypeCodes = z.array(shiftCode).max(50)

const noteFields = { practitionerId: id('practitioner'), from: localDate }

const noteOutFields = {
  sectorId: id('sector'),
  practitionerId: id('practitioner'),
  from: dateOut,
  shiftTypes: z.array(z.string()).nullable().openapi({ description: 'Nul : toutes les gardes' }),
  createdAt: instantOut,
}

const notesQuery = {
  practitioner: id('practitioner').optional(),
  from: localDate.optional(),
  to: localDate.optional(),
}

const Restriction = z
  .strictObject({
    id: id('restriction'),
    ...noteOutFields,
    to: dateOut.nullable(),
    source: z.enum(RESTRICTION_SOURCES),
    class: z.enum(RESTRICTION_CLASSES),
  })
  .openapi('Restriction')

export const addRestriction = operation({
  id: 'addRestriction',
  method: 'post',
  path: '/sectors/{id}/restrictions',
  tag,
  summary: 'Enregistrer une restriction',
  description: 'Datée et partielle. Aucun motif médical n’est enregistré, seulement une classe.',
  roles: insiders,
  effect: 'mutate',
  params,
  body: z.strictObject({
    ...noteFields,
    to: localDate.optional(),
    shiftTypes: shiftTypeCodes.optional(),
    source: z.enum(RESTRICTION_SOURCES),
    class: z.enum(RESTRICTION_CLASSES),
  }),
  success: { status: 201, schema: Restriction },
  refusals: ['not_found', 'invalid_interval', 'not_a_member', 'unknown_shift_type', 'invalid_source'],
})

export const listRestrictions = operation({
  id: 'listRestrictions',
  method: 'get',
  path: '/sectors/{id}/restrictions',
  tag,
  summary: 'Restrictions d’un secteur ; pour un praticien, les siennes',
  roles: insiders,
  effect: 'read',
  params,
  query: z.strictObject({ ...pageQuery(CURSORS.id('restriction')), ...notesQuery }),
  success: { status: 200, schema: page(Restriction) },
  refusals: ['not_found'],
})

export const endRestriction = operation({
  id: 'endRestriction',
  method: 'post',
  path: '/sectors/{id}/restrictions/{restrictionId}/end',
  tag,
  summary: 'Mettre fin à une restriction',
  description: 'Elle reste en mémoire jusqu’à son dernier jour.',
  roles: insiders,
  effect: 'mutate',
  params: params.extend({ restrictionId: id('restriction') }),
  body: z.strictObject({ to: localDate }),
  success: { status: 200, schema: Restriction },
  refusals: ['not_found', 'invalid_interval', 'invalid_source'],
})

const Wish = z
  .strictObject({ id: id('wish'), ...noteOutFields, to: dateOut, want: z.enum(WANTS) })
  .openapi('Wish')

export const addWish = operation({
  id: 'addWish',
  method: 'post',
  path: '/sectors/{id}/wishes',
  tag,
  summary: 'Souhaiter faire ou éviter des gardes',
  roles: insiders,
  effect: 'mutate',
  params,
  body: z.strictObject({
    ...noteFields,
    to: localDate,
    shiftTypes: shiftTypeCodes.optional(),
    want: z.enum(WANTS),
  }),
  success: { status: 201, schema: Wish },
  refusals: ['not_found', 'invalid_interval', 'not_a_member', 'unknown_shift_type'],
})

export const listWishes = operation({
  id: 'listWishes',
  method: 'get',
  path: '/sectors/{id}/wishes',
  tag,
  summary: 'Souhaits d’un secteur ; pour un praticien, les siens',
  roles: insiders,
  effect: 'read',
  params,
  query: z.strictObject({ ...pageQuery(CURSORS.id('wish')), ...notesQuery }),
  success: { status: 200, schema: page(Wish) },
  refusals: ['not_found'],
})

export const removeWish = operation({
  id: 'removeWish',
  method: 'delete',
  path: '/sectors/{id}/wishes/{wishId}',
  tag,
  summary: 'Retirer un souhait',
  roles: insiders,
  effect: 'mutate',
  params: params.extend({ wishId: id('wish') }),
  success: { status: 204 },
  refusals: ['not_found'],
})

const Absence = z.strictObject({ id: id('absence'), ...noteOutFields, to: dateOut }).openapi('Absence')

export const addAbsence = operation({
  id: 'addAbsence',
  method: 'post',
  path: '/sectors/{id}/absences',
  tag,
  summary: 'Déclarer une absence',
  description: 'De toutes les gardes de ces jours, ou de celles des types nommés.',
  roles: insiders,
  effect: 'mutate',
  params,
  body: z.strictObject({ ...noteFields, to: localDate, shiftTypes: shiftTypeCodes.optional() }),
  success: { status: 201, schema: Absence },
  refusals: ['not_found', 'invalid_interval', 'not_a_member', 'unknown_shift_type'],
})

export const listAbsences = operation({
  id: 'listAbsences',
  method: 'get',
  path: '/sectors/{id}/absences',
  tag,
  summary: 'Absences d’un secteur ; pour un praticien, les siennes',
  roles: insiders,
  effect: 'read',
  params,
  query: z.strictObject({ ...pageQuery(CURSORS.id('absence')), ...notesQuery }),
  success: { status: 200, schema: page(Absence) },
  refusals: ['not_found'],
})

export const removeAbsence = operation({
  id: 'removeAbsence',
  method: 'delete',
  path: '/sectors/{id}/absences/{absenceId}',
  tag,
  summary: 'Retirer une absence',
  roles: insiders,
  effect: 'mutate',
  params: params.extend({ absenceId: id('absence') }),
  success: { status: 204 },
  refusals: ['not_found'],
})
