import { randomBytes } from 'node:crypto'

/** An access token. The object itself is the key of its rate window. */
export interface Token {
  readonly value: string
  /** 1, 2, 3… in the order of issue. */
  readonly number: number
  readonly expiresAtMs: number
}

export interface Tokens {
  issue(nowMs: number): Token
  /** The valid token with this value. */
  find(value: string, nowMs: number): Token | undefined
  live(nowMs: number): readonly Token[]
  /** Expires all tokens; returns how many were valid. */
  expireAll(nowMs: number): number
}

/** The tokens of the one OAuth client. Each request issues a new token and older ones stay valid, as in Genesys. */
export function createTokens({ lifeMs }: { lifeMs: number }): Tokens {
  const tokens = new Map<string, Token>()
  let issued = 0

  function dropExpired(nowMs: number): void {
    for (const token of tokens.values()) {
      if (token.expiresAtMs <= nowMs) tokens.delete(token.value)
    }
  }

  return {
    issue(nowMs) {
      dropExpired(nowMs)
      issued += 1
      const value = randomBytes(32).toString('base64url')
      const token = { value, number: issued, expiresAtMs: nowMs + lifeMs }
      tokens.set(token.value, token)
      return token
    },
    find(value, nowMs) {
      const token = tokens.get(value)
      return token !== undefined && token.expiresAtMs > nowMs ? token : undefined
    },
    live(nowMs) {
      dropExpired(nowMs)
      return [...tokens.values()]
    },
    expireAll(nowMs) {
      dropExpired(nowMs)
      const expired = tokens.size
      tokens.clear()
      return expired
    },
  }
}
