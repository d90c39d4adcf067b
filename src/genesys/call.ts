import type { HttpRequest } from '../http/client.ts'
import { type Answer, apiAnswerOf, classify } from './classify.ts'
import { type ClientDeps, createTokens } from './tokens.ts'

/**
 * One authenticated call. `body` is that of every API response but 401. Never rejects or retries. `mayCall`: asked right before the
 * request, when token and connection are there; false: the request is not sent.
 */
export type Call = (
  request: Pick<HttpRequest, 'method' | 'url' | 'body'>,
  mayCall?: () => boolean,
) => Promise<{ readonly answer: Answer; readonly body?: string }>

export function createCall(deps: ClientDeps): Call {
  const { http, now } = deps
  const tokens = createTokens(deps)
  return async (request, mayCall) => {
    const current = await tokens.get()
    if (current.kind !== 'token') return { answer: current }
    const { token } = current
    if (mayCall?.() === false) {
      const detail = 'another node may deliver now'
      return { answer: { kind: 'unavailable', detail, cause: detail } }
    }
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const result = await http({ ...request, headers, ...(mayCall && { maySend: mayCall }) })
    if (result.kind === 'failed')
      return { answer: { kind: 'unavailable', detail: result.detail, cause: result.detail } }
    const api = apiAnswerOf(result.answer)
    if (api.status === 401) {
      const answer: Answer =
        tokens.refused(token) === 'renewable'
          ? { kind: 'token_expired', detail: 'the API refuses the token (401)', api }
          : { kind: 'credentials_refused', detail: 'the API refuses new tokens too (401)', api }
      return { answer }
    }
    const answer = classify(result.answer, now())
    // A gateway may answer 503 without a look at the token.
    if (answer.kind !== 'unavailable') tokens.accepted()
    return { answer: { ...answer, api }, body: result.answer.body }
  }
}
