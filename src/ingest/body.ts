import type { IncomingHttpHeaders } from 'node:http'
import { Problem } from '../errors.ts'
import { type ContentMode, contentMode, fromBinary } from './cloudevents-http.ts'
import { type ReadItem, refused } from './envelopes/envelope.ts'
import { readDeclaredCloudEvent, readEnvelope } from './envelopes/envelopes.ts'
import { readJson } from './json.ts'

/** What a request holds, and how its items are to be read. */
export interface Body {
  /** One event, or each of an array. */
  readonly items: readonly unknown[]
  readonly read: ReadItem
}

/** Throws `Problem` for what is no acceptable JSON body. */
export function readBody(rawBody: Buffer, headers: IncomingHttpHeaders, maxBatch: number): Body {
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') throw new Problem('unsupported_media_type')
  const mode = contentMode(headers)
  if (mode === undefined) throw new Problem('unsupported_media_type')
  const json = readJson(rawBody)
  if (json.kind === 'invalid') throw new Problem('invalid_json', json.why && `The body is ${json.why}.`)
  const body = inMode(mode, json.value, headers)
  if (body.items.length > maxBatch)
    throw new Problem('batch_too_large', `${body.items.length} events, at most ${maxBatch}.`)
  return body
}

function inMode(mode: ContentMode, value: unknown, headers: IncomingHttpHeaders): Body {
  switch (mode) {
    case 'plain':
      return { items: Array.isArray(value) ? value : [value], read: readEnvelope }
    case 'structured':
      return Array.isArray(value)
        ? refusedBody('must be one CloudEvent: a batch is sent as application/cloudevents-batch+json')
        : { items: [value], read: readDeclaredCloudEvent }
    case 'batched':
      return Array.isArray(value)
        ? { items: value, read: readDeclaredCloudEvent }
        : refusedBody('must be an array: one CloudEvent is sent as application/cloudevents+json')
    case 'binary': {
      const binary = fromBinary(headers, value)
      return binary.kind === 'event'
        ? { items: [binary.event], read: readDeclaredCloudEvent }
        : { items: [value], read: () => binary }
    }
  }
}

const refusedBody = (message: string): Body => ({ items: [undefined], read: () => refused('', message) })
