const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])
const space: ReadonlySet<number | undefined> = new Set(Buffer.from(' \t\r\n'))
const firstBytes: ReadonlySet<number | undefined> = new Set(Buffer.from('{["'))

/**
 * Whether a body begins with an object, an array or text of JSON, after a byte order mark and space. An empty body does too, because it
 * has no event.
 */
export function beginsWithJson(body: Buffer): boolean {
  let at = body.subarray(0, byteOrderMark.length).equals(byteOrderMark) ? byteOrderMark.length : 0
  while (space.has(body[at])) at += 1
  return at === body.length || firstBytes.has(body[at])
}
