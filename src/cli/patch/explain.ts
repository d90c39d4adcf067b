import type { Answer } from '../../genesys/classify.ts'
import type { FailureParts } from '../command-failure.ts'

export interface FailedCall {
  readonly answer: Exclude<Answer, { kind: 'ok' }>
  /** `read`: the GET of the conversation, `set`: the PATCH of a participant. */
  readonly call: 'read' | 'set'
  /** `conversation c1`, `participant p1 of conversation c1`. */
  readonly subject: string
  readonly apiUrl: string
  readonly timeoutMs: number
}

const divisions =
  'in the division of the conversation (a role applies only to the Home division unless you choose others)'

/** Says what a failed call means and what to check. */
export function explain({ answer, call, subject, apiUrl, timeoutMs }: FailedCall): FailureParts {
  const region = `that it belongs to the org and region of the OAuth client: the command called ${apiUrl} (GENESYS_ENV, or GENESYS_API_URL)`
  switch (answer.kind) {
    case 'not_found':
      return {
        code: 'not_found',
        message: `Genesys Cloud does not find ${subject}: ${answer.detail}`,
        remedy: `Check the id, and ${region}. Genesys Cloud can also answer 404 if the client has no role ${divisions}.`,
      }
    case 'forbidden': {
      const permission =
        call === 'read'
          ? 'with the permission conversation:communication:view'
          : 'with the permission that the message names, if any,'
      return {
        code: 'forbidden',
        message: `Genesys Cloud denies access to ${subject}: ${answer.detail}`,
        remedy: `Give the OAuth client a role ${permission} ${divisions}.`,
      }
    }
    case 'rate_limited': {
      const { retryAfterMs } = answer
      const seconds = (ms: number) => `${Math.ceil(ms / 1_000)} s`
      const asked =
        retryAfterMs === undefined ? 'does not say how long to wait' : `asks to wait ${seconds(retryAfterMs)}`
      return {
        code: 'rate_limited',
        message: `The OAuth client has reached its rate limit: Genesys Cloud ${asked}, but --timeout ends after ${seconds(timeoutMs)}.`,
        remedy: 'Run the command again after that time, or with a longer --timeout.',
        fields: { retryAfterMs: retryAfterMs ?? null },
      }
    }
    case 'credentials_refused':
    case 'token_expired':
      return {
        code: 'credentials_refused',
        message: `Genesys Cloud refuses the OAuth client: ${answer.detail}`,
        remedy:
          'Check GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET and GENESYS_ENV: all three must belong to the same org and region.',
      }
    case 'conflict':
    case 'rejected':
      return {
        code: answer.kind,
        message: `Genesys Cloud refuses the call for ${subject}: ${answer.detail}`,
        remedy:
          answer.kind === 'conflict' ? 'Run the command again.' : 'See the message: it names the cause.',
      }
    case 'unavailable':
      return {
        code: 'api_unavailable',
        message: `No usable answer from Genesys Cloud for ${subject}: ${answer.detail}`,
        remedy: `Check the network, GENESYS_ENV and the URLs, then run the command again. ${
          call === 'read'
            ? 'It has set nothing.'
            : 'The attributes may be set already; setting them again does no harm.'
        }`,
      }
  }
}
