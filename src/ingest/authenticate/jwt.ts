import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose'
import type { JwtVerifier } from './authenticate.ts'
import type { Refused, Verdict } from './credentials.ts'
import type { IssuerKeys, KeySet } from './issuer-keys.ts'

export interface JwtOptions {
  readonly issuer: string
  /** One of them must be in `aud`. */
  readonly audiences: readonly string[]
  /** One of them must be `sub` or the verified `email`; empty: any subject. */
  readonly subjects: readonly string[]
  readonly keys: IssuerKeys
}

/** Asymmetric only: otherwise anybody could sign HS256 with the issuer's public key as the secret. */
const algorithms: readonly string[] = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]

const clockToleranceSeconds = 60

/** Verifies JWT bearer tokens (RFC 7519) of one issuer. It fetches keys only for a token of this issuer and audience. */
export function createJwtVerifier({ issuer, audiences, subjects, keys }: JwtOptions): JwtVerifier {
  const position = ({ aud }: JWTPayload): number =>
    audiences.findIndex((audience) => [aud ?? []].flat().includes(audience)) + 1

  /** Why the token cannot be valid, whatever its signature; undefined if only the signature can decide. */
  function problemOf(token: string): string | undefined {
    try {
      const { alg } = decodeProtectedHeader(token)
      if (!algorithms.includes(alg ?? '')) return `the algorithm ${quoted(alg)} of the token is not allowed`
      const payload = decodeJwt(token)
      if (payload.iss !== issuer)
        return `the issuer of the token is ${quoted(payload.iss)}, not that of WEBHOOK_OIDC_ISSUER`
      if (position(payload) === 0)
        return `the audience of the token is ${quoted(payload.aud)}, not in WEBHOOK_OIDC_AUDIENCE`
      return undefined
    } catch {
      return 'the bearer token is not a JWT'
    }
  }

  function verdictOn(payload: JWTPayload): Verdict {
    const { sub, email, email_verified: emailIsVerified } = payload
    const isListed = (name: unknown) => typeof name === 'string' && subjects.includes(name)
    if (subjects.length === 0 || isListed(sub) || (emailIsVerified === true && isListed(email)))
      return { accepted: true, scheme: 'jwt', position: position(payload) }
    return refused(`the subject ${quoted(sub)} of the token is not in WEBHOOK_OIDC_SUBJECTS`)
  }

  /**
   * `unknown_key`: the key set lacks the key of the token, or the token names none and no key made its signature. `other_key`: the
   * key that the token names did not make its signature.
   */
  async function verifyWith(
    keySet: KeySet,
    token: string,
    now: number,
  ): Promise<Verdict | 'unknown_key' | 'other_key'> {
    const options = {
      algorithms: [...algorithms],
      issuer,
      audience: [...audiences],
      requiredClaims: ['exp'],
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(now),
    }
    try {
      return verdictOn((await jwtVerify(token, keySet, options)).payload)
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return 'unknown_key'
      // Without `kid`, several keys can be the right one.
      if (!(error instanceof errors.JWKSMultipleMatchingKeys))
        return isOfOtherKey(error)
          ? namesKey(token)
            ? 'other_key'
            : 'unknown_key'
          : refused(describe(error))
      for await (const key of error) {
        const verdict = await jwtVerify(token, key, options).then(
          ({ payload }) => verdictOn(payload),
          (failure) => (isOfOtherKey(failure) ? undefined : refused(describe(failure))),
        )
        if (verdict !== undefined) return verdict
      }
      return 'unknown_key'
    }
  }

  return async (token, now) => {
    const problem = problemOf(token)
    if (problem !== undefined) return refused(problem)
    const known = await keys.current()
    if (known.kind === 'unavailable') return unavailable(known.detail)
    const verdict = await verifyWith(known.keys, token, now)
    if (typeof verdict === 'object') return verdict
    const newer = await keys.newerThan(known.keys)
    // Issuers give a new key a new name, so this is a wrong signature. Only later, one fetch makes sure.
    if (newer.kind === 'too_early' && verdict === 'other_key') return refused(wrongSignature)
    if (newer.kind !== 'keys') return unavailable(newer.detail)
    const second = await verifyWith(newer.keys, token, now)
    if (typeof second === 'object') return second
    return refused(second === 'other_key' ? wrongSignature : 'the issuer does not have the key of the token')
  }
}

const wrongSignature = 'the key that the token names did not make its signature'

const namesKey = (token: string): boolean => decodeProtectedHeader(token).kid !== undefined

/** Whether another key may have made the signature. Every other error means that this key has made it. */
const isOfOtherKey = (error: unknown): boolean =>
  error instanceof errors.JWSSignatureVerificationFailed || !(error instanceof errors.JOSEError)

/** Has a code such as `ERR_JWT_EXPIRED`, with the claim that failed. */
function describe(error: unknown): string {
  if (!(error instanceof errors.JOSEError)) return 'the token is not valid (unusable key)'
  const claim = error instanceof errors.JWTClaimValidationFailed ? `, ${error.claim}` : ''
  return `the token is not valid (${error.code}${claim})`
}

const refused = (cause: string): Refused => ({ accepted: false, cause })

const unavailable = (detail: string): Refused => ({
  accepted: false,
  cause: `keys of the token issuer not available: ${detail}`,
  unavailable: 'jwt',
})

/** Text from a token that is not verified: shortened, and quoted for the log. */
const quoted = (value: unknown): string => (JSON.stringify(value) ?? 'missing').slice(0, 200)
