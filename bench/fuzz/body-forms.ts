import { goodItem } from './items.ts'
import { mutateText, toJsonText } from './mutate-text.ts'
import { post } from './raw-http.ts'
import type { Generate } from './request.ts'
import { kept, mutatedItem } from './webhook-requests.ts'

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

const readTypes: readonly [string, ...string[]] = [
  '',
  ';',
  ' ; charset=utf-8',
  'text/plain',
  'text/json;charset=UTF-8',
  'application/json; charset=utf-16',
  'APPLICATION/JSON',
  'application/json;;;;',
  'application/vnd.example+json',
  'application/x-ndjson',
]
const refusedTypes: readonly [string, ...string[]] = [
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/html',
  'application/xml',
  'application/octet-stream',
  'application/json, text/plain',
  '*/*',
  'application/cloudevents',
  '\u00ff\u00fe',
  'a'.repeat(5_000),
]

/** Of several content types the first counts. */
export const mediaType: Generate = (random, number) => {
  const isRead = random.chance(0.5)
  const types = [random.pick(isRead ? readTypes : refusedTypes), random.pick(refusedTypes)]
  const headers = types.slice(0, 1 + random.int(2)).map((type) => ['Content-Type', type] as const)
  return kept(
    'media type',
    post(toJsonText(goodItem(random, number), random), headers),
    isRead ? [202, 400, 422] : [415],
  )
}

/** NDJSON: one event per line, some of them mutated. */
export const lines: Generate = (random, number) => {
  const lineEnd = random.pick(['\n', '\r\n', '\n \n'])
  const pieces = Array.from({ length: 1 + random.int(8) }, (_, index) => {
    const text = toJsonText(mutatedItem(random, number * 8 + index), random)
    return [random.chance(0.2) ? mutateText(text, random) : Buffer.from(text), Buffer.from(lineEnd)]
  })
  if (random.chance(0.2)) pieces.unshift([byteOrderMark])
  const type = random.pick(['application/x-ndjson', 'application/x-ndjson', 'application/json', 'text/plain'])
  return kept('lines', post(Buffer.concat(pieces.flat()), [['Content-Type', type]]))
}

/** JSON encoded twice, as the whole body or as items of a batch. */
export const encodedTwice: Generate = (random, number) => {
  const texts = Array.from({ length: 1 + random.int(4) }, (_, index) => {
    const text = toJsonText(mutatedItem(random, number * 4 + index), random)
    return random.chance(0.2) ? mutateText(text, random).toString() : text
  })
  const body = random.chance(0.5) ? texts : random.chance(0.5) ? texts[0] : `[${texts.join()}]`
  return kept('encoded twice', post(JSON.stringify(body)))
}
