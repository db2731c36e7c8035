import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { id, queryInteger } from '../../../edge/schemas.ts'
import { ConsentInput, MemberInput } from '../arrival/contract.ts'
import { Request } from '../contract.ts'
import { LEAVING_REASONS, MOST_NUMBERS } from '../vocabulary.ts'

const tag = 'Patients sans médecin traitant'
const roles = ['admin', 'coordinator'] as const
const params = z.object({ id: id('mtRequest') })

export const addMember = operation({
  id: 'addMtMember',
  method: 'post',
  path: '/mt-requests/{id}/members',
  tag,
  summary: 'Ajouter une personne à un foyer qui attend, par exemple à une naissance',
  description:
    'Téléphone et courriel sont ceux du foyer, dont l’ancienneté ne change pas ; la demande est reclassée. Si un médecin est sollicité pour d’autres du foyer ou les attend, la nouvelle personne attend la prochaine répartition, où un foyer gardé ensemble n’est proposé qu’au même médecin. Pour proposer de nouveau tout le foyer, reprendre d’abord la proposition ; pour un autre médecin, passer le foyer en may_split.',
  roles,
  effect: 'mutate',
  params,
  body: MemberInput.extend({ consent: ConsentInput }),
  success: { status: 201, schema: Request },
  refusals: [
    'not_found',
    'stale_version',
    'request_closed',
    'erased',
    'consent_required',
    'invalid_birth_date',
    'too_many_members',
  ],
})

export const takeOutMember = operation({
  id: 'takeOutMtMember',
  method: 'post',
  path: '/mt-requests/{id}/members/{number}/leave',
  tag,
  summary: 'Noter qu’une personne n’est plus du foyer ; son identité est effacée aussitôt',
  description:
    'Les autres gardent numéro et ancienneté ; la demande est reclassée, et close si un médecin traitant est déclaré pour chacun de ceux qui restent. La dernière personne ne part pas : la demande se retire. Qui est proposé, accepté ou déclaré ne part pas : la proposition a d’abord sa réponse, ou est reprise.',
  roles,
  effect: 'mutate',
  params: params.extend({ number: queryInteger(0, MOST_NUMBERS - 1) }),
  body: z.strictObject({ reason: z.enum(LEAVING_REASONS) }),
  success: { status: 200, schema: Request },
  refusals: ['not_found', 'stale_version', 'request_closed', 'erased', 'invalid_transition'],
})
