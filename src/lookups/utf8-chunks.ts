import { isUtf8 } from 'node:buffer'
import type { Problems } from './problems.ts'

/** Thrown to stop reading a file, after its problem was added. */
export class StopReading extends Error {}

/** Yields chunks that end with a complete character. Adds a problem and throws StopReading if the bytes are not UTF-8. */
export async function* utf8Chunks(chunks: AsyncIterable<Buffer>, problems: Problems): AsyncGenerator<Buffer> {
  let line = 1
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const end = bytes.length - incompleteBytes(bytes)
    const whole = bytes.subarray(0, end)
    if (!isUtf8(whole)) {
      problems.add(notUtf8(line === 1 ? whole : undefined), line + validLines(whole), 'line')
      throw new StopReading()
    }
    yield whole
    line += countLines(whole)
    rest = bytes.subarray(end)
  }
  if (rest.length > 0) {
    problems.add(notUtf8(undefined), line, 'line')
    throw new StopReading()
  }
}

/** The message for invalid UTF-8. `start`: the first bytes, if they are from the start of the file. */
function notUtf8(start: Buffer | undefined): string {
  const mark = start?.subarray(0, 2).toString('hex')
  const encoding =
    mark === 'fffe' || mark === 'feff' ? 'looks like UTF-16' : 'may be Windows-1252 or ISO 8859-1'
  return `is not UTF-8 (it ${encoding}): save the file as UTF-8`
}

/** The number of lines before the first line that is not UTF-8. */
function validLines(bytes: Buffer): number {
  let line = 0
  for (let from = 0; ; line += 1) {
    const end = bytes.indexOf(10, from)
    if (end === -1 || !isUtf8(bytes.subarray(from, end))) return line
    from = end + 1
  }
}

function countLines(bytes: Buffer): number {
  let lines = 0
  for (const byte of bytes) if (byte === 10) lines += 1
  return lines
}

/** The number of bytes, up to three, of an incomplete character at the end. */
function incompleteBytes(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if ((byte & 0xc0) === 0x80) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return length > back ? back : 0
  }
  return 0
}
