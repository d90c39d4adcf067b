import { z } from 'zod'
import { errorCatalogue } from '../errors.ts'
import { readBody } from '../genesys/classify.ts'
import type { CheckResult } from './check-result.ts'
import { describeWait } from './format-values.ts'
import type { Attempt } from './unknown-conversation.ts'

/** Every error of Genesys Cloud has these fields (SDK model ErrorBody). */
const errorBody = z.object({ message: z.string(), code: z.string() })

/** Whether the API accepts a call that needs a permission: reading a conversation. */
export function checkPermission(
  { answer, api }: Attempt,
  { apiUrl, profile }: { readonly apiUrl: string; readonly profile: 'platform' | 'tutorial' },
): CheckResult {
  const check = 'permission'
  switch (answer.kind) {
    case 'ok':
      return { check, result: 'ok', finding: 'the API answers a read of a conversation' }
    case 'not_found':
      if (profile === 'platform' && readBody(errorBody, api.at(-1)?.answer?.body ?? '') === undefined)
        return {
          check,
          result: 'failed',
          finding: `${apiUrl} answers 404 without an error of Genesys Cloud, so this is not its API`,
          remedy: 'Check GENESYS_API_URL, and whether a proxy answers instead.',
        }
      return {
        check,
        result: 'ok',
        finding: 'the API answers 404 for a conversation that does not exist, as it should',
      }
    case 'forbidden':
      return {
        check,
        result: 'failed',
        finding: `the API denies reading a conversation: ${answer.detail}`,
        remedy:
          'Give the OAuth client a role with the permission conversation:communication:view (Conversation > Communication > View), in every division whose conversations the service changes: Admin > Integrations > OAuth > the client > Roles. A role applies to the Home division unless you choose others.',
      }
    case 'token_expired':
    case 'credentials_refused':
      return {
        check,
        result: 'failed',
        finding: `the API refuses the token that the token endpoint issued: ${answer.detail}`,
        remedy: 'Check that GENESYS_API_URL and GENESYS_LOGIN_URL belong to the same region.',
      }
    case 'rate_limited':
      return {
        check,
        result: 'warning',
        finding: `the API answers 429${describeWait(answer.retryAfterMs)}: the calls of this window are used up`,
        remedy: `Run this command again later. Give the service an OAuth client of its own. ${errorCatalogue.rate_limited.remedy}`,
      }
    case 'unavailable':
      return {
        check,
        result: 'failed',
        finding: `the API does not answer the call: ${answer.detail}`,
        remedy: errorCatalogue.api_unavailable.remedy,
      }
    case 'conflict':
    case 'rejected':
      return {
        check,
        result: 'failed',
        finding: `the API rejects reading a conversation: ${answer.detail}`,
        remedy: 'Check GENESYS_API_URL and GENESYS_API_PROFILE, and whether a proxy answers instead.',
      }
  }
}
