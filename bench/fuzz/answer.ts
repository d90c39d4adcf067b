export interface Answer {
  readonly status: number
  /** By lower-case name; of repeated headers the last. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

export type Reading =
  | { readonly kind: 'answer'; readonly answer: Answer; readonly rest: Buffer }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'broken' }

const incomplete: Reading = { kind: 'incomplete' }

/** Strictly parses the first response in the bytes. Skips interim responses (1xx). */
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
  // A malformed HEAD is not recognised as HEAD: the service answers with a body and closes.
  const closing = method === 'HEAD' && headers.get('connection')?.toLowerCase() === 'close'
  const answer = { status, headers, body: after.subarray(0, length) }
  return { kind: 'answer', answer, rest: closing ? after.subarray(after.length) : after.subarray(length) }
}

/** The service sends a length with every response, so a response without one is broken. */
function lengthOf(status: number, headers: ReadonlyMap<string, string>, method: string): number {
  if (method === 'HEAD' || status === 204 || status === 304) return 0
  // Node.js itself sends 417, with an empty chunked body.
  if (headers.get('transfer-encoding') === 'chunked') return '0\r\n\r\n'.length
  return Number(headers.get('content-length') ?? Number.NaN)
}
