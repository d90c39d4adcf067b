import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { newestOf } from './credentials.ts'

/** Signatures in one header that are compared; the rest is ignored. A rotation needs two. */
export const maxSignatures = 10

/** The keys of one secret list. */
export interface SigningKeys {
  /** The HMAC-SHA256 of these parts with each key, in order. */
  digests(...parts: readonly (string | Uint8Array)[]): readonly Buffer[]
  /** The position of the newest secret that made one of the given digests, from 1; 0: no match. Takes constant time. */
  match(given: readonly Uint8Array[], digests: readonly Uint8Array[]): number
}

/**
 * A `whsec_<base64>` secret gives two keys: the bytes, as in Standard Webhooks, and the whole text, because some relays
 * (Hookdeck Outpost) sign with the text as it is. For any other secret, the key is its UTF-8 text.
 */
const keysOf = (secret: string): readonly KeyObject[] => {
  const literal = createSecretKey(secret, 'utf8')
  if (!secret.startsWith('whsec_')) return [literal]
  return [createSecretKey(secret.slice('whsec_'.length), 'base64'), literal]
}

/** `secrets`: newest first. */
export function createSigningKeys(secrets: readonly string[]): SigningKeys {
  const keys = secrets.flatMap((secret, index) => keysOf(secret).map((key) => ({ key, position: index + 1 })))
  return {
    digests: (...parts) =>
      keys.map(({ key }) => {
        const hmac = createHmac('sha256', key)
        for (const part of parts) hmac.update(part)
        return hmac.digest()
      }),
    match: (given, digests) => keys[newestOf(given, digests) - 1]?.position ?? 0,
  }
}
