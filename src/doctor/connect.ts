import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectTls, TLSSocket } from 'node:tls'
import { systemCodeOf } from '../errors.ts'
import { withoutBrackets } from '../http/host.ts'
import type { OutgoingProxy } from '../http/outgoing-proxy.ts'
import { ProxyError } from '../http/proxy-error.ts'

export type Connection =
  /** `tls`: the version of the protocol, such as `TLSv1.3`; undefined for plain HTTP. */
  | { readonly kind: 'connected'; readonly address: string; readonly tls: string | undefined }
  /** TLS with the host through a tunnel of the proxy, which resolved the name. */
  | { readonly kind: 'tunnelled'; readonly proxy: string; readonly tls: string }
  /** Not tested: the proxy forwards requests to a plain HTTP host one by one. */
  | { readonly kind: 'forwarded'; readonly proxy: string }
  | { readonly kind: 'failed'; readonly stage: 'proxy'; readonly error: ProxyError }
  /** `code`: of Node.js, OpenSSL or the system, or `timeout`. */
  | { readonly kind: 'failed'; readonly stage: 'dns' | 'tcp' | 'tls'; readonly code: string }

type DirectConnection = Exclude<Connection, { kind: 'tunnelled' | 'forwarded' } | { stage: 'proxy' }>

export interface ConnectDeps {
  readonly timeoutMs: number
  readonly proxy: OutgoingProxy | undefined
}

/** Resolves the host of a URL, connects and, for HTTPS, verifies the certificate. Sends no request. Never rejects. */
export async function connectTo(url: string, { timeoutMs, proxy }: ConnectDeps): Promise<Connection> {
  const { protocol, hostname, port } = new URL(url)
  const host = withoutBrackets(hostname)
  const secure = protocol === 'https:'
  const target = { host, port: Number(port) || (secure ? 443 : 80) }
  const named = isIP(host) === 0 && { servername: host }
  if (proxy === undefined || !proxy.covers(url)) {
    const socket = secure ? connectTls({ ...target, ...named }) : connectPlain(target)
    return watch(socket, { host, secure, stage: isIP(host) === 0 ? 'dns' : 'tcp', timeoutMs })
  }
  if (!secure) return { kind: 'forwarded', proxy: proxy.name }
  try {
    const tunnel = await proxy.openTunnel(target, timeoutMs)
    const socket = connectTls({ socket: tunnel, host, ...named })
    const connection = await watch(socket, { host, secure, stage: 'tls', timeoutMs })
    if (connection.kind !== 'connected') return connection
    return { kind: 'tunnelled', proxy: proxy.name, tls: connection.tls ?? 'TLS' }
  } catch (error) {
    if (error instanceof ProxyError) return { kind: 'failed', stage: 'proxy', error }
    throw error
  }
}

interface Watch {
  readonly host: string
  readonly secure: boolean
  /** The first stage of the connection. */
  readonly stage: 'dns' | 'tcp' | 'tls'
  readonly timeoutMs: number
}

/** Waits until the socket is connected, then closes it. */
function watch(socket: Socket, { host, secure, stage: first, timeoutMs }: Watch): Promise<DirectConnection> {
  return new Promise((resolve) => {
    let stage = first
    const end = (connection: DirectConnection): void => {
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
