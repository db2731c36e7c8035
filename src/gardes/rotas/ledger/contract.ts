import { z } from '@hono/zod-openapi'
import { operation } from '../../../edge/operation.ts'
import { id } from '../../../edge/schemas.ts'
import { EQUITY_CLASSES } from '../../vocabulary.ts'
import { params, tag } from '../contract.ts'

export const LedgerLine = z
  .strictObject({
    practitionerId: id('practitioner'),
    category: z.enum(EQUITY_CLASSES),
    done: z.int(),
    share: z
      .number()
      .openapi({ description: 'Part d’une quotité pleine, en pour cent, dispenses déduites.' }),
    ratio: z
      .number()
      .nullable()
      .openapi({ description: '(carried + done) ÷ part ; null pour qui ne doit rien.' }),
    carried: z
      .number()
      .openapi({ description: 'Gardes faites au-delà de sa part aux périodes précédentes.' }),
  })
  .openapi('LedgerLine')

export const getLedger = operation({
  id: 'getRotaLedger',
  method: 'get',
  path: '/rotas/{id}/ledger',
  tag,
  summary: 'Le compte d’équité, lisible de tous les membres du secteur',
  roles: ['admin', 'coordinator', 'practitioner'],
  effect: 'read',
  params,
  success: {
    status: 200,
    schema: z
      .strictObject({
        items: z.array(LedgerLine),
        spread: z.array(z.strictObject({ category: z.enum(EQUITY_CLASSES), value: z.number() })),
      })
      .openapi('RotaLedger'),
  },
  refusals: ['not_found'],
})
