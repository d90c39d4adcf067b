import { gunzipSync } from 'node:zlib'
import { readJsonText, unwrapJson } from '../../values/json.ts'
import { describeType } from '../envelopes/envelope.ts'
import type { CarriedMessage } from './carrier.ts'

export type Content =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'invalid'; readonly message: string }

/** Counts down how many bytes gzip may still expand to in one request, because a small message can expand to any size. */
export interface InflateAllowance {
  bytes: number
}

const invalid = (message: string): Content => ({ kind: 'invalid', message })

const notJson = (why: string | undefined): Content =>
  invalid(
    why === undefined
      ? 'is not JSON: send the event as JSON text'
      : `is ${why}: send the event without wrappers`,
  )

/** Decodes a message: JSON text, encoded once or twice, or its bytes in base64, perhaps compressed by gzip. A value stays as it is. */
export function contentOf({ content, base64 = false }: CarriedMessage, allowance: InflateAllowance): Content {
  if (typeof content !== 'string')
    return typeof content === 'object' && content !== null
      ? { kind: 'value', value: content }
      : invalid(
          `must be an event as ${base64 ? 'JSON in base64' : 'JSON text'}, but ${describeType(content)}`,
        )
  const text = content.trim() // also removes a byte order mark
  if (text === '') return invalid('is empty: send the event as JSON text')
  // Base64 has neither character: the sender, or a transformer in between, has decoded the message.
  return base64 && !/^[[{]/.test(text) ? fromBase64(text, allowance) : fromText(text)
}

function fromText(text: string): Content {
  const json = readJsonText(text)
  if (json.kind === 'invalid') return notJson(json.why)
  const inner = unwrapJson(json.value)
  return inner.kind === 'invalid' ? notJson(inner.why) : { kind: 'value', value: inner.value }
}

function fromBase64(text: string, allowance: InflateAllowance): Content {
  if (!/^[A-Za-z0-9+/_\s-]+={0,2}$/.test(text))
    return invalid('is not base64: send the JSON of the event in base64')
  const bytes = Buffer.from(text, 'base64')
  if (!isGzip(bytes)) return fromText(bytes.toString('utf8'))
  try {
    const inflated = gunzipSync(bytes, { maxOutputLength: Math.max(1, allowance.bytes) })
    allowance.bytes -= inflated.length
    return fromText(inflated.toString('utf8'))
  } catch (error) {
    const isTooLarge = error instanceof RangeError // ERR_BUFFER_TOO_LARGE
    if (isTooLarge) allowance.bytes = 0
    return invalid(
      isTooLarge
        ? 'is too large after decompression: send fewer events per request'
        : 'is not valid gzip: send the JSON of the event in base64',
    )
  }
}

const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b
