import { gunzipSync } from 'node:zlib'
import { readBase64 } from '../../values/base64.ts'
import { readJsonText, unwrapJson } from '../../values/json.ts'
import { areObjects, linesIn } from '../../values/json-lines.ts'
import { describeType } from '../envelopes/envelope.ts'
import type { CarriedMessage } from './carrier.ts'
import type { UnpackAllowance } from './unpack-allowance.ts'

export type Content =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'invalid'; readonly message: string }

const invalid = (message: string): Content => ({ kind: 'invalid', message })

const notJson = (why: string | undefined): Content =>
  invalid(
    why === undefined
      ? 'is not JSON: send the event as JSON text'
      : `is ${why}: send the event without wrappers`,
  )

/**
 * Decodes a message: JSON text, encoded once or twice, NDJSON, or the bytes of either in base64, perhaps compressed by gzip. A
 * value stays as it is.
 */
export function contentOf({ content, base64 = false }: CarriedMessage, allowance: UnpackAllowance): Content {
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
  if (json.kind === 'invalid') return json.why === undefined ? fromLines(text) : notJson(json.why)
  const inner = unwrapJson(json.value)
  return inner.kind === 'invalid' ? notJson(inner.why) : { kind: 'value', value: inner.value }
}

function fromLines(text: string): Content {
  const lines = linesIn(text).map(readJsonText)
  if (!areObjects(lines)) return notJson(undefined)
  return { kind: 'value', value: lines.map((line) => line.kind === 'json' && line.value) }
}

function fromBase64(text: string, allowance: UnpackAllowance): Content {
  const bytes = readBase64(text)
  if (bytes === undefined) return invalid('is not base64: send the JSON of the event in base64')
  if (!isGzip(bytes)) return allowance.take(bytes.length) ? fromText(bytes.toString('utf8')) : tooLarge
  try {
    const inflated = gunzipSync(bytes, { maxOutputLength: Math.max(1, allowance.bytesLeft) })
    return allowance.take(inflated.length) ? fromText(inflated.toString('utf8')) : tooLarge
  } catch (error) {
    // ERR_BUFFER_TOO_LARGE: the size is not known.
    if (error instanceof RangeError && !allowance.take(Number.POSITIVE_INFINITY)) return tooLarge
    allowance.noteFailure()
    return invalid('is not valid gzip: send the JSON of the event in base64')
  }
}

const tooLarge = invalid('unpacks to too many bytes: send fewer events per request')

const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b
