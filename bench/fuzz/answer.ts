export interface Answer {
  readonly status: number
  /** Names in lower case; of several, the last. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

export type Reading =
  | { readonly kind: 'answer'; readonly answer: Answer; readonly rest: Buffer }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'broken' }

const incomplete: Reading = { kind: 'incomplete' }

/** Reads the first answer in the bytes, strictly; interim answers (1xx) are passed over. */
export function readAnswer(bytes: Buffer, method: string): Reading {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return bytes.length > 65_536 ? { kind: 'broken' } : incomplete
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1] ?? Number.NaN)
  if (Number.isNaN(status)) return { kind: 'broken' }
  const after = bytes.subarray(end + 4)
  if (status < 200) return readAnswer(after, method)
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon < 1) return { kind: 'broken' }
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  const length = lengthOf(status, headers, method)
  if (Number.isNaN(length)) return { kind: 'broken' }
  if (after.length < length) return incomplete
  // To what it could not read the service cannot know that it was a HEAD: it answers with a body, and closes.
  const closing = method === 'HEAD' && headers.get('connection')?.toLowerCase() === 'close'
  const answer = { status, headers, body: after.subarray(0, length) }
  return { kind: 'answer', answer, rest: closing ? after.subarray(after.length) : after.subarray(length) }
}

/** The service tells the length of every answer, so that one without is broken. */
function lengthOf(status: number, headers: ReadonlyMap<string, string>, method: string): number {
  if (method === 'HEAD' || status === 204 || status === 304) return 0
  // Node.js writes 417 by itself: a body in chunks, of which there are none.
  if (headers.get('transfer-encoding') === 'chunked') return '0\r\n\r\n'.length
  return Number(headers.get('content-length') ?? Number.NaN)
}
