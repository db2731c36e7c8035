import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { id } from '../../../edge/schemas.ts'
import { REQUEST_STATES } from '../../vocabulary.ts'
import { Contact } from '../contract.ts'
import { CONTACT_CHANNELS } from '../vocabulary.ts'

export const recordContact = operation({
  id: 'recordMtContact',
  method: 'post',
  path: '/mt-requests/{id}/contacts',
  tag: 'Patients sans médecin traitant',
  summary: 'Noter une tentative de joindre le foyer',
  description:
    'Après trois tentatives vaines par deux voies, une demande que personne n’examine devient injoignable ; une fois le foyer joint, elle reprend sa place.',
  roles: ['admin', 'coordinator'],
  effect: 'mutate',
  params: z.object({ id: id('mtRequest') }),
  body: z.strictObject({ channel: z.enum(CONTACT_CHANNELS), reached: z.boolean() }),
  success: {
    status: 201,
    schema: z.strictObject({
      id: id('mtRequest'),
      state: z.enum(REQUEST_STATES),
      contacts: z.array(Contact),
    }),
  },
  refusals: ['not_found', 'request_closed', 'erased'],
})
