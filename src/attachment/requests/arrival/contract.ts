import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { id, insee, instantIn, lat, localDate, lon, phoneIn, text } from '../../../edge/schemas.ts'
import { HOUSEHOLD_MODES } from '../../vocabulary.ts'
import { email, FlagsShape, maxKm, NeedsInput, Person, POSITION_WHOLE, Request, rpps } from '../contract.ts'
import { CONSENT_MEANS, MOST_MEMBERS, REQUEST_SOURCES } from '../vocabulary.ts'

/** May be missing as far as the shape goes: what is refused then has a code of its own. */
export const ConsentInput = z
  .strictObject({ at: instantIn, by: text(120), means: z.enum(CONSENT_MEANS) })
  .nullish()
  .openapi({ description: 'Sans consentement daté, la demande est refusée (consent_required).' })

export const MemberInput = z.strictObject({ ...Person, flags: FlagsShape })

const RequestInput = z
  .strictObject({
    communityId: id('community'),
    source: z.enum(REQUEST_SOURCES),
    commune: insee,
    lat: lat.optional(),
    lon: lon.optional(),
    contact: z.strictObject({ phone: phoneIn, email: email.optional() }),
    members: z.array(MemberInput).min(1).max(MOST_MEMBERS),
    needs: NeedsInput,
    household: z.enum(HOUSEHOLD_MODES),
    maxKm: maxKm.optional(),
    alreadySeenBy: rpps.optional().openapi({
      description: 'RPPS du généraliste qui a déjà vu le patient trois fois en un an, s’il y en a un.',
    }),
    askedOn: localDate.optional().openapi({
      description:
        'Depuis quel jour le foyer demande, s’il demandait déjà avant d’être enregistré (dix ans au plus) : son ancienneté compte dès ce jour. Réservé au coordinateur et à l’administrateur.',
    }),
    consent: ConsentInput,
  })
  .refine(POSITION_WHOLE.test, POSITION_WHOLE.error)

export const createRequest = operation({
  id: 'createMtRequest',
  method: 'post',
  path: '/mt-requests',
  tag: 'Patients sans médecin traitant',
  summary: 'Enregistrer un foyer sans médecin traitant',
  description:
    'Une demande par foyer. Une position à plus de 50 km du centre de la commune est signalée (far_position). La même personne dans une autre demande en cours de la CPTS est signalée (possible_duplicate) au coordinateur et à l’administrateur, jamais refusée. Ce qui n’est pas connu et compterait met la demande à qualifier, sauf si elle est déjà en classe 1.',
  roles: ['admin', 'coordinator', 'practitioner'],
  effect: 'mutate',
  body: RequestInput,
  success: { status: 201, schema: Request },
  refusals: [
    'not_found',
    'consent_required',
    'unknown_commune',
    'invalid_rpps',
    'invalid_birth_date',
    'invalid_asked_on',
  ],
})
