import type { AnswerCode } from '../errors.ts'
import { problemResponses } from '../http/answer-schemas.ts'

/** Common to the schemas of all admin routes. */
export const common = { tags: ['Admin'], security: [{ adminToken: [] }] }

export const problems = (...codes: readonly AnswerCode[]) =>
  problemResponses('unauthorized', 'too_many_failures', 'route_not_found', ...codes)
