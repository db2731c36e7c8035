import type { Ctx } from '../db/db.ts'
import { replaceAnswers } from './answers.ts'
import { problem, PROBLEM_MEDIA_TYPE } from './problems.ts'

/** Takes the patient out of the answers kept for repetition: whoever asks with those keys again learns that they are gone. */
export const eraseAnswers = (ctx: Ctx, bookingId: string): void => {
  const body = problem(
    'erased',
    'Les données du patient ont été effacées : la première réponse n’est plus conservée.',
    { facts: { bookingId } },
  )
  replaceAnswers(ctx, bookingId, {
    status: body.status,
    body: JSON.stringify(body),
    headers: { 'content-type': PROBLEM_MEDIA_TYPE },
  })
}
