import { errorCatalogue } from '../errors.ts'
import type { CheckResult } from './check-result.ts'
import { describeWait } from './format-values.ts'
import type { Attempt } from './unknown-conversation.ts'

/** Whether the token endpoint accepts the OAuth client. */
export function checkLogin({ answer, api }: Attempt): CheckResult {
  const check = 'login'
  if (api.length > 0) return { check, result: 'ok', finding: 'the OAuth client received a token' }
  switch (answer.kind) {
    case 'credentials_refused':
      return {
        check,
        result: 'failed',
        finding: `Genesys Cloud refuses the OAuth client (${answer.detail})`,
        remedy:
          'Check GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET, that the client has the grant type Client Credentials, and that GENESYS_ENV is the region of its org.',
      }
    case 'rate_limited':
      return {
        check,
        result: 'warning',
        finding: `the token endpoint answers 429${describeWait(answer.retryAfterMs)}`,
        remedy: `Run this command again later. ${errorCatalogue.rate_limited.remedy}`,
      }
    case 'unavailable':
      return {
        check,
        result: 'failed',
        finding: answer.detail,
        remedy:
          'Check GENESYS_ENV and GENESYS_LOGIN_URL, and whether a proxy or a login page answers instead.',
      }
    default:
      throw new Error(`A call without a token cannot end as ${answer.kind}`)
  }
}
