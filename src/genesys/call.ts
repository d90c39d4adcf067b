import type { Http, HttpRequest } from '../http/client.ts'
import { type Answer, classify } from './classify.ts'
import type { Tokens } from './tokens.ts'

/** One authenticated call. `body` is the response body, if there was a response. Never rejects or retries. */
export type Call = (
  request: Pick<HttpRequest, 'method' | 'url' | 'body'>,
) => Promise<{ readonly answer: Answer; readonly body?: string }>

export interface CallDeps {
  readonly http: Http
  readonly tokens: Tokens
  readonly now: () => number
}

export function createCall({ http, tokens, now }: CallDeps): Call {
  return async (request) => {
    const token = await tokens.get()
    if (token.kind !== 'token') return { answer: token }
    const headers = { authorization: `Bearer ${token.token}`, 'content-type': 'application/json' }
    const result = await http({ ...request, headers })
    if (result.kind === 'failed')
      return { answer: { kind: 'unavailable', detail: result.detail, cause: result.detail } }
    if (result.answer.status === 401) {
      const answer: Answer =
        tokens.rejected(token.token) === 'renewable'
          ? { kind: 'token_expired', detail: 'the API refuses the token (401)' }
          : { kind: 'credentials_refused', detail: 'the API refuses new tokens too (401)' }
      return { answer }
    }
    tokens.accepted()
    return { answer: classify(result.answer, now()), body: result.answer.body }
  }
}
