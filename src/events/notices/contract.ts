import { z } from '@hono/zod-openapi'
import { operation } from '../../edge/operation.ts'
import { id, instantOut, phoneIn, phoneOut } from '../../edge/schemas.ts'
import { NOTICE_SUBJECTS } from './vocabulary.ts'

const tag = 'Membres'
const roles = ['admin', 'practitioner'] as const
const params = z.object({ id: id('practitioner') })
const path = '/practitioners/{id}/notices'

const email = z.email('Adresse électronique invalide').max(254)
const subjects = z.array(z.enum(NOTICE_SUBJECTS)).max(NOTICE_SUBJECTS.length)

const NoticePreferences = z
  .strictObject({
    email: email.nullable(),
    phone: phoneOut.nullable(),
    subjects,
    lastFailureAt: instantOut.nullable(),
    version: z.int(),
  })
  .openapi('NoticePreferences')

export const getNotices = operation({
  id: 'getNoticePreferences',
  method: 'get',
  path,
  tag,
  summary: 'Où et de quoi un praticien veut être averti',
  roles,
  effect: 'read',
  params,
  success: { status: 200, schema: NoticePreferences },
  refusals: ['not_found'],
})

export const setNotices = operation({
  id: 'setNoticePreferences',
  method: 'put',
  path,
  tag,
  summary: 'Choisir où et de quoi être averti',
  description:
    'Un avis dit de se connecter, jamais pour qui ni quand. Sans adresse ou sans sujet, aucun avis n’est envoyé.',
  roles,
  effect: 'mutate',
  params,
  body: z.strictObject({
    email: email.nullable().optional(),
    phone: phoneIn.nullable().optional(),
    subjects,
  }),
  success: { status: 200, schema: NoticePreferences },
  refusals: ['not_found', 'stale_version'],
})
