import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { newestOf } from './credentials.ts'

/** Signatures in one header that are compared; the rest is ignored. A rotation needs two. */
export const maxSignatures = 10

/** The keys of a list of secrets. */
export interface SigningKeys {
  /**
   * The position of the newest secret that made one of the given HMAC-SHA256 of the parts, from 1; 0: none did.
   * `encoding`: the given ones are texts in it; default: bytes.
   */
  match(given: readonly Uint8Array[], parts: readonly (string | Uint8Array)[], encoding?: 'base64'): number
}

interface SigningKey {
  readonly key: KeyObject
  /** Of its secret in the list, from 1. */
  readonly position: number
}

/**
 * `whsec_<base64>` is the Standard Webhooks form. For any other secret, the key is its UTF-8 text. Some relays (Hookdeck
 * Outpost) sign with the whole text of a `whsec_` secret, so it is tried too, after the keys of all secrets: the time tells
 * the kind of key that matched, but not which secret. `secrets`: newest first.
 */
export function createSigningKeys(secrets: readonly string[]): SigningKeys {
  const isEncoded = (secret: string) => secret.startsWith('whsec_')
  const usual = secrets.map(
    (secret, index): SigningKey => ({
      key: isEncoded(secret)
        ? createSecretKey(secret.slice('whsec_'.length), 'base64')
        : createSecretKey(secret, 'utf8'),
      position: index + 1,
    }),
  )
  const literal = secrets.flatMap((secret, index): readonly SigningKey[] =>
    isEncoded(secret) ? [{ key: createSecretKey(secret, 'utf8'), position: index + 1 }] : [],
  )
  return {
    match: (given, parts, encoding) => {
      const positionIn = (keys: readonly SigningKey[]): number => {
        const digests = keys.map(({ key }) => hmacOf(key, parts, encoding))
        return keys[newestOf(given, digests) - 1]?.position ?? 0
      }
      return positionIn(usual) || positionIn(literal)
    },
  }
}

function hmacOf(
  key: KeyObject,
  parts: readonly (string | Uint8Array)[],
  encoding: 'base64' | undefined,
): Buffer {
  const hmac = createHmac('sha256', key)
  for (const part of parts) hmac.update(part)
  return encoding === undefined ? hmac.digest() : Buffer.from(hmac.digest(encoding))
}
