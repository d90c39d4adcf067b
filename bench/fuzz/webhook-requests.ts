import { gzipSync } from 'node:zlib'
import { goodCloudEvent, goodItem, mutate } from './items.ts'
import { mutateText, toJsonText } from './mutate-text.ts'
import type { Random } from './random.ts'
import { chunked, goodToken, type HeaderLines, head, json, post, webhook, whole } from './raw-http.ts'
import type { FuzzRequest, Generate } from './request.ts'

export const kept = (kind: string, bytes: Buffer, statuses?: readonly number[]): FuzzRequest => ({
  kind,
  pieces: [bytes],
  methods: ['POST'],
  ends: 'kept',
  ...(statuses && { statuses }),
})

export const mutatedItem = (random: Random, number: number): Record<string, unknown> =>
  mutate(random.chance(0.2) ? goodCloudEvent(random, number) : goodItem(random, number), random)

export const event: Generate = (random, number) =>
  kept('event', post(toJsonText(mutatedItem(random, number), random)))

export const batch: Generate = (random, number) => {
  const size = random.weighted([
    [90, 2 + random.int(12)],
    [1, 500],
  ])
  const items = Array.from({ length: size }, (_, index) => mutatedItem(random, number * 16 + (index % 16)))
  if (random.chance(0.1)) items.splice(0, 0, ...(items.slice(0, 3) satisfies unknown[]))
  return kept('batch', post(toJsonText(items, random)))
}

export const cloudEvents: Generate = (random, number) => {
  const type = (name: string): HeaderLines => [['Content-Type', name]]
  switch (random.int(4)) {
    case 0:
      return kept(
        'cloudevents',
        post(
          toJsonText(mutate(goodCloudEvent(random, number), random), random),
          type('application/cloudevents+json'),
        ),
      )
    case 1: {
      const items = Array.from({ length: random.int(5) }, (_, index) =>
        mutate(goodCloudEvent(random, number * 8 + index), random),
      )
      return kept('cloudevents', post(toJsonText(items, random), type('application/cloudevents-batch+json')))
    }
    case 2: // with the wrong content type
      return kept(
        'cloudevents',
        post(
          toJsonText(mutatedItem(random, number), random),
          type(
            random.pick([
              'application/cloudevents+json',
              'application/cloudevents-batch+json',
              'application/cloudevents+xml',
            ]),
          ),
        ),
      )
    default:
      return kept(
        'cloudevents',
        post(toJsonText(mutate(goodItem(random, number), random), random), binaryHeaders(random, number)),
      )
  }
}

const hostileAttributes: readonly [string, ...string[]] = [
  '%',
  '%ff%fe',
  '%00',
  '"quoted \\" text"',
  '\u00e9\u00ff',
  '%F0%9F%98%80',
  '"',
  'a'.repeat(3_000),
  '',
]

function binaryHeaders(random: Random, number: number): HeaderLines {
  const lines: [string, string][] = [
    ['ce-specversion', random.chance(0.9) ? '1.0' : '0.3'],
    ['ce-id', `binary-${number}`],
    ['ce-source', 'https://broker.example.com/genesys'],
    ['ce-type', 'com.example.conversation'],
    ['Content-Type', random.chance(0.9) ? 'application/json' : 'application/vnd.x+json; charset=utf-16'],
  ]
  if (random.chance(0.3)) lines.splice(random.int(lines.length), 1)
  if (random.chance(0.4))
    lines.push([
      random.pick([
        'ce-id',
        'ce-time',
        'ce-data',
        'ce-data_base64',
        'ce-__proto__',
        'ce-constructor',
        'ce-x',
      ]),
      random.pick(hostileAttributes),
    ])
  return lines
}

export const text: Generate = (random, number) =>
  kept('mutated text', post(mutateText(toJsonText(mutatedItem(random, number), random), random)))

const bomb = gzipSync(Buffer.alloc(20_000_000, ' '), { level: 9 })
const encodings: readonly [string, ...string[]] = [
  'gzip',
  'br',
  'deflate',
  'zstd',
  'x-gzip, gzip',
  'GZIP',
  'compress',
]

/** Compressed bodies are refused unread. */
export const encoding: Generate = (random, number) =>
  kept(
    'content encoding',
    post(random.chance(0.05) ? bomb : gzipSync(JSON.stringify(goodItem(random, number))), [
      json,
      ['Content-Encoding', random.pick(encodings)],
    ]),
    [415],
  )

export const chunkedBody: Generate = (random, number) => {
  const body = Buffer.from(toJsonText(mutatedItem(random, number), random))
  const headers: HeaderLines = [goodToken, json, ['Transfer-Encoding', 'chunked']]
  return kept(
    'chunked body',
    Buffer.concat([head('POST', webhook, headers), chunked(body, 1 + random.int(body.length))]),
  )
}

const spaces = Buffer.alloc(1_048_577, ' ')

/** More than MAX_BODY_BYTES or MAX_BATCH allow. */
export const tooLarge: Generate = (random) => {
  switch (random.int(4)) {
    case 0:
      return kept('too large', post(`[${'{},'.repeat(500)}{}]`), [413])
    case 1: // announced but not sent: the response must not wait for the body
      return {
        ...kept('too large', head('POST', webhook, [goodToken, json, ['Content-Length', '1048577']]), [413]),
        ends: 'refused',
      }
    case 2: // sent completely: the service may close before it has read everything
      return { ...kept('too large', post(spaces), [413]), ends: 'dropped' }
    default:
      return {
        ...kept(
          'too large',
          Buffer.concat([
            head('POST', webhook, [goodToken, json, ['Transfer-Encoding', 'chunked']]),
            chunked(spaces, 65_536),
          ]),
          [413],
        ),
        ends: 'dropped',
      }
  }
}

/** An allowed large body: many small values, or one long string. */
export const large: Generate = (random, number) => {
  const item = { ...goodItem(random, number), filling: 'y'.repeat(200_000 + random.int(700_000)) }
  return kept(
    'large',
    post(random.chance(0.5) ? JSON.stringify(item) : `[${'[],'.repeat(300)}${'{"a":[{}]},'.repeat(150)}0]`),
  )
}

const badCredentials: readonly [HeaderLines, ...HeaderLines[]] = [
  [],
  [['Authorization', 'Bearer wrong']],
  [['Authorization', `Bearer ${'x'.repeat(4_000)}`]],
  [['Authorization', 'Bearer test-token test-token']],
  [['Authorization', 'Bearer test-token\u00a0']],
  [['Authorization', 'bearer']],
  [['Authorization', 'Basic !!!!']],
  [['Authorization', `Basic ${Buffer.from('user:wrong').toString('base64')}`]],
  [['Authorization', 'Digest username="x"']],
  [['Authorization', '\u0000'.replace('\u0000', '\u00ff')]],
  [['X-API-Key', '']],
  [['X-API-Key', 'Test-Token']],
  [
    ['X-API-Key', 'test-token'],
    ['X-API-Key', 'wrong'],
  ],
  [['X-Hub-Signature-256', 'sha256=zz']],
  [
    ['webhook-id', '../../x'],
    ['webhook-timestamp', '9'.repeat(20)],
    ['webhook-signature', 'v1,AAAA v1, v1a,x'],
  ],
]

/** Without a valid token every body gets 401, and too many attempts get 429. */
export const credentials: Generate = (random, number) =>
  kept(
    'bad credentials',
    whole(
      'POST',
      webhook,
      [json, ...random.pick(badCredentials)],
      toJsonText(mutatedItem(random, number), random),
    ),
    [401, 429],
  )

export const webhookId: Generate = (random, number) => {
  const { id, ...item } = goodItem(random, number)
  const value = random.pick(['x', `msg-${number}`, '', '\u00ff', 'a'.repeat(2_000), '__proto__'])
  return kept('webhook-id', post(JSON.stringify(item), [json, ['webhook-id', value]]))
}
