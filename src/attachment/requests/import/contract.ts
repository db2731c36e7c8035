import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { id, queryFlag } from '../../../edge/schemas.ts'

const line = z.int().openapi({ description: 'Ligne du fichier, à partir de 1 pour l’en-tête.' })

const Import = z
  .strictObject({
    created: z.int().openapi({ description: 'Demandes enregistrées : une par foyer.' }),
    people: z.int().openapi({ description: 'Personnes de ces demandes.' }),
    duplicates: z.array(
      z.strictObject({
        line,
        requestId: id('mtRequest').optional().openapi({ description: 'La demande où figure la personne.' }),
        firstLine: z.int().optional().openapi({ description: 'La ligne où elle figure déjà.' }),
      }),
    ),
    rejected: z.array(z.strictObject({ line, reason: z.string() })),
  })
  .openapi('MtImport', {
    description: 'Des lignes et des raisons, jamais ce que le fichier dit d’une personne.',
  })

export const importRequests = operation({
  id: 'importMtRequests',
  method: 'post',
  path: '/mt-requests/import',
  tag: 'Patients sans médecin traitant',
  summary: 'Enregistrer les foyers d’un fichier CSV',
  description:
    'UTF-8, avec ou sans BOM, ou Windows-1252 ; « ; » ou « , » d’après la première ligne, qui nomme les colonnes : ' +
    'docs/import-mt.md. 5 000 lignes au plus, une par personne ; foyer réunit celles d’un foyer, repris en entier ou ' +
    'pas du tout. Une personne déjà connue n’est pas reprise : le même fichier envoyé deux fois ne change rien. ' +
    'Rien ne permet de reconnaître un foyer effacé depuis, ou qui a retiré son accord : le fichier le ferait revenir.',
  roles: ['admin', 'coordinator'],
  effect: 'mutate',
  query: z.strictObject({
    community: id('community').optional().openapi({
      description: 'Peut manquer si la clé est celle d’une seule CPTS.',
    }),
    dryRun: queryFlag.optional().openapi({ description: 'Dire ce qui serait fait, sans rien enregistrer.' }),
  }),
  bodyMediaType: 'text/csv',
  bodyLimit: 5 * 1024 * 1024,
  success: { status: 200, schema: Import },
  refusals: ['not_found', 'invalid_csv'],
})
