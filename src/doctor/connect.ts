import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectTls, TLSSocket } from 'node:tls'
import { systemCodeOf } from '../errors.ts'

export type Connection =
  /** `tls`: the version of the protocol, such as `TLSv1.3`; undefined for plain HTTP. */
  | { readonly kind: 'connected'; readonly address: string; readonly tls: string | undefined }
  /** `code`: of Node.js, OpenSSL or the system, or `timeout`. */
  | { readonly kind: 'failed'; readonly stage: 'dns' | 'tcp' | 'tls'; readonly code: string }

/** Resolves the host of a URL, connects and, for HTTPS, verifies the certificate. Sends no request. Never rejects. */
export function connectTo(url: string, timeoutMs: number): Promise<Connection> {
  const { protocol, hostname, port } = new URL(url)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const secure = protocol === 'https:'
  const target = { host, port: Number(port) || (secure ? 443 : 80) }
  const socket: Socket = secure
    ? connectTls({ ...target, ...(isIP(host) === 0 && { servername: host }) })
    : connectPlain(target)
  return new Promise((resolve) => {
    let stage: 'dns' | 'tcp' | 'tls' = isIP(host) === 0 ? 'dns' : 'tcp'
    const end = (connection: Connection): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(connection)
    }
    const timer = setTimeout(() => end({ kind: 'failed', stage, code: 'timeout' }), timeoutMs)
    socket.on('lookup', (error) => {
      if (error === null) stage = 'tcp'
    })
    socket.once('connect', () => {
      stage = 'tls'
    })
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      const tls = socket instanceof TLSSocket ? (socket.getProtocol() ?? 'TLS') : undefined
      end({ kind: 'connected', address: socket.remoteAddress ?? host, tls })
    })
    // `on`: a destroyed socket may report a second error, which would end the process if nobody listened.
    socket.on('error', (error) => end({ kind: 'failed', stage, code: systemCodeOf(error, 'network error') }))
  })
}
