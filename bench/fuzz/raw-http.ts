import { token } from '../../test/helpers/process.ts'

export type HeaderLines = readonly (readonly [name: string, value: string])[]

export const webhook = '/webhooks/genesys'
export const json: HeaderLines[number] = ['Content-Type', 'application/json']
export const goodToken: HeaderLines[number] = ['Authorization', `Bearer ${token}`]

/** Header lines are written unchanged, as Latin-1. */
export const head = (method: string, path: string, headers: HeaderLines): Buffer =>
  Buffer.from(
    `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
    'latin1',
  )

/** A request with the correct Content-Length. */
export function whole(method: string, path: string, headers: HeaderLines, body?: Buffer | string): Buffer {
  if (body === undefined) return head(method, path, headers)
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  return Buffer.concat([head(method, path, [...headers, ['Content-Length', String(bytes.length)]]), bytes])
}

/** A POST to the webhook with a valid token. */
export const post = (body: Buffer | string, headers: HeaderLines = [json]): Buffer =>
  whole('POST', webhook, [goodToken, ...headers], body)

/** The body in chunked transfer encoding, in chunks of this size. */
export function chunked(body: Buffer, size: number): Buffer {
  const parts: Buffer[] = []
  for (let from = 0; from < body.length; from += size) {
    const part = body.subarray(from, from + size)
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'))
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}
