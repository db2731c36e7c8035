import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { id, instantOut, queryInteger } from '../../../edge/schemas.ts'
import { MOST_NUMBERS } from '../vocabulary.ts'

const tag = 'Patients sans médecin traitant'
const params = z.object({ id: id('mtRequest') })

const query = z.strictObject({
  member: queryInteger(0, MOST_NUMBERS - 1)
    .optional()
    .openapi({
      description:
        'Numéro de la personne du foyer pour qui est la page, la première par défaut : ce qui est connu des autres n’y figure pas.',
    }),
})

const Rights = z
  .strictObject({
    id: id('mtRequest'),
    community: z.string(),
    at: instantOut,
    sections: z.array(z.strictObject({ title: z.string(), lines: z.array(z.string()) })),
  })
  .openapi('MtRights')

export const getRights = operation({
  id: 'getMtRights',
  method: 'get',
  path: '/mt-requests/{id}/rights',
  tag,
  summary: 'Ce que le patient a le droit de savoir de sa demande, en phrases',
  description:
    'Classe, attente, raisons, ce qui a été fait, qui décide, comment compléter, s’opposer ou être effacé.',
  roles: ['coordinator'],
  effect: 'reveal',
  params,
  query,
  success: { status: 200, schema: Rights },
  refusals: ['not_found', 'erased'],
})

export const printRights = operation({
  id: 'printMtRights',
  method: 'get',
  path: '/mt-requests/{id}/rights/page',
  tag,
  summary: 'Les mêmes phrases en page A4 à imprimer pour le patient',
  roles: ['coordinator'],
  effect: 'reveal',
  params,
  query,
  success: { status: 200, mediaTypes: ['text/html'] },
  refusals: ['not_found', 'erased'],
})
