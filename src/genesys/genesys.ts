import { type Answer, classify } from './classify.ts'
import { createHttp } from './http.ts'
import { createTokens } from './tokens.ts'

export interface Genesys {
  /**
   * Sets attributes of one participant; those not named stay. One HTTP call (and one for a token where
   * needed); never rejects, retries nothing.
   */
  patchAttributes(target: AttributeTarget, attributes: Readonly<Record<string, string>>): Promise<Answer>
  /** Aborts what is under way. */
  close(): void
}

export interface AttributeTarget {
  readonly conversationId: string
  readonly participantId: string
}

export interface GenesysOptions {
  readonly apiUrl: string
  readonly loginUrl: string
  readonly clientId: string
  readonly clientSecret: string
  readonly profile: 'platform' | 'tutorial'
  readonly requestTimeoutMs: number
  readonly maxInFlight: number
  readonly now: () => number
}

/** Where each profile sets attributes. `platform`: SDK operation PatchConversationsParticipantAttributes. */
const paths = { platform: '/attributes', tutorial: '' } as const

export function createGenesys(options: GenesysOptions): Genesys {
  const { apiUrl, profile, now } = options
  // One socket more than calls, so that a token can be fetched while every call waits for it.
  const { http, close } = createHttp({
    timeoutMs: options.requestTimeoutMs,
    maxSockets: options.maxInFlight + 1,
  })
  const tokens = createTokens({ ...options, http })
  return {
    patchAttributes: async ({ conversationId, participantId }, attributes) => {
      const token = await tokens.get()
      if (token.kind !== 'token') return token
      const result = await http({
        method: 'PATCH',
        url: `${apiUrl}/api/v2/conversations/${encodeURIComponent(conversationId)}/participants/${encodeURIComponent(participantId)}${paths[profile]}`,
        headers: { authorization: `Bearer ${token.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ attributes }),
      })
      if (result.kind === 'failed')
        return { kind: 'unavailable', detail: result.detail, cause: result.detail }
      if (result.answer.status === 401) {
        return tokens.rejected(token.token) === 'renewable'
          ? { kind: 'token_expired' }
          : { kind: 'credentials_refused', detail: 'the API refuses new tokens too (401)' }
      }
      tokens.accepted()
      return classify(result.answer, now())
    },
    close,
  }
}
