import { hash } from 'node:crypto'

/** HMAC-SHA256, by one key, of the parts one after the other: in base64. */
export type Hmac = (head: string, body: Uint8Array) => string

/** Of SHA-256, in bytes. */
const blockLength = 64
const digestLength = 32

/**
 * `createHmac` makes objects that have to be collected, and costs more than to hash an event; so this is RFC 2104 by the
 * one-shot hash, with the two blocks of the key worked out beforehand.
 */
export function createHmacSha256(key: Uint8Array): Hmac {
  const block = Buffer.alloc(blockLength)
  block.set(key.length > blockLength ? hash('sha256', key, 'buffer') : key)
  const inner = block.map((byte) => byte ^ 0x36)
  const outer = Buffer.alloc(blockLength + digestLength)
  outer.set(block.map((byte) => byte ^ 0x5c))
  return (head, body) => {
    const headLength = Buffer.byteLength(head)
    const message = Buffer.allocUnsafe(blockLength + headLength + body.length)
    message.set(inner)
    message.write(head, blockLength)
    message.set(body, blockLength + headLength)
    // As text, which is made sooner than a buffer: `binary` has a character for each byte.
    outer.write(hash('sha256', message, 'binary'), blockLength, 'binary')
    return hash('sha256', outer, 'base64')
  }
}
