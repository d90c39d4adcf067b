import type { IncomingHttpHeaders } from 'node:http'
import { Problem } from '../errors.ts'

/** Deeper than any real event; deep enough nesting would exhaust the stack of whoever walks the value. */
const maxDepth = 64

/** The items of a request: one event, or each of an array. Throws `Problem` for what is no acceptable JSON body. */
export function readBody(
  rawBody: Buffer,
  headers: IncomingHttpHeaders,
  maxBatch: number,
): readonly unknown[] {
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') throw new Problem('unsupported_media_type')
  if (!/^application\/json *(;|$)/i.test(headers['content-type'] ?? ''))
    throw new Problem('unsupported_media_type')
  const items = asList(parse(rawBody))
  if (items.length > maxBatch)
    throw new Problem('batch_too_large', `${items.length} events, at most ${maxBatch}.`)
  return items
}

function parse(rawBody: Buffer): unknown {
  let value: unknown
  try {
    value = JSON.parse(rawBody.toString('utf8'))
  } catch {
    throw new Problem('invalid_json') // the parser's own message quotes the body
  }
  if (deeperThan(value, maxDepth + 1))
    throw new Problem('invalid_json', `The body is nested deeper than ${maxDepth} levels.`)
  return value
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])

function deeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  for (const child of Object.values(value)) if (deeperThan(child, levels - 1)) return true
  return false
}
