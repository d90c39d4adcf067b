import { rawMark } from './items.ts'
import type { Random } from './random.ts'

/** Values that JSON.stringify cannot produce. */
const rawValues: readonly [string, ...string[]] = [
  '1e400',
  '-1e400',
  '1e-400',
  '-0',
  '9'.repeat(400),
  `0.${'1'.repeat(2000)}`,
  '"\\ud800"',
  '"\\u0000"',
  '"\\ud83d\\ud83d"',
  'NaN',
  'undefined',
  '01',
  '0x10',
  "'x'",
  '"\t"',
  '"\\x41"',
  '[1,]',
  '{"a":1,"a":2,"a":{"b":3}}',
  '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  `${'['.repeat(70)}${']'.repeat(70)}`,
]

/** The JSON text of a value, with `rawMark` replaced by raw values. */
export const toJsonText = (value: unknown, random: Random): string =>
  JSON.stringify(value).replaceAll(`"${rawMark}"`, () => random.pick(rawValues))

const deep = (open: string, close: string, levels: number): string =>
  `${open.repeat(levels)}1${close.repeat(levels)}`

/** The bytes of a JSON text, mutated. */
export function mutateText(text: string, random: Random): Buffer {
  const bytes = Buffer.from(text)
  switch (random.int(13)) {
    case 0:
      return bytes.subarray(0, random.int(bytes.length))
    case 1:
      return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes])
    case 2:
      return Buffer.from(`\ufeff${text}`, 'utf16le')
    case 3: // invalid UTF-8, with overlong forms and encoded surrogates
      return spliced(bytes, random, Buffer.from([0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xff, 0xfe]))
    case 4:
      return spliced(bytes, random, Buffer.from([random.int(256)]))
    case 5: {
      const flipped = Buffer.from(bytes)
      const at = random.int(flipped.length)
      flipped[at] = (flipped[at] ?? 0) ^ (1 << random.int(8))
      return flipped
    }
    case 6: // each key twice; the last one counts
      return Buffer.from(`{"id":"first","conversationId":{},"type":7,${text.slice(1)}`)
    case 7:
      return Buffer.from(`{"__proto__":{"type":"conversation:created"},"constructor":1,${text.slice(1)}`)
    case 8:
      return Buffer.from(deep('[', ']', random.pick([63, 64, 65, 1_000, 20_000])))
    case 9:
      return Buffer.from(
        `{"type":"conversation:created","conversationId":"c","x":${deep('{"a":', '}', 5_000)}}`,
      )
    case 10:
      return Buffer.from(`${text}${random.pick(['{}', ',', '\0', ' '.repeat(5_000), ']'])}`)
    case 11:
      return Buffer.from(
        random.pick(['', ' ', 'null', '1', '"x"', '[]', '{}', '[[]]', '[null]', 'a=b&c=d', '<x/>']),
      )
    default:
      return bytes.subarray(random.int(bytes.length))
  }
}

function spliced(bytes: Buffer, random: Random, inserted: Buffer): Buffer {
  const at = random.int(bytes.length)
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)])
}
