import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsProxy } from 'node:https'
import { type AddressInfo, connect, type Server as NetServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer } from 'node:tls'
import { promisify } from 'node:util'
import type { Certificate } from './certificates.ts'
import type { Owner } from './folder.ts'
import { until } from './wait.ts'

export interface ProxyOptions {
  /** `user:password` that clients must send. */
  readonly credentials?: string
  /** The proxy speaks TLS. */
  readonly certificate?: Certificate
  /** Where the proxy connects to for a target such as `api.example.test:443`. Default: the target itself. */
  readonly resolve?: Readonly<Record<string, string>>
}

export interface ConnectProxy {
  /** Without credentials. */
  readonly url: string
  /** `127.0.0.1:3128` */
  readonly name: string
  readonly port: number
  /** The targets of CONNECT requests and the URLs of forwarded requests, with accepted credentials. */
  readonly requests: readonly string[]
  /** Answers the next CONNECT requests with this status; undefined: connects again. 0: does not answer. */
  answerWith(status: number | undefined): void
  /** Answers the next CONNECT requests with these statuses; 200: connects. */
  answerNext(statuses: readonly number[]): void
  /** The most connections at the same time. */
  mostConnections(): number
  /** Ends all tunnels and stops listening. */
  goAway(): Promise<void>
  /** Listens again, on the same port. */
  comeBack(): Promise<void>
  /** Waits until a client is connected, or until none is. */
  someConnection(): Promise<unknown>
  noConnections(): Promise<unknown>
}

/** An HTTP proxy with CONNECT, as companies run them. Closes after the test. */
export async function startConnectProxy(t: Owner, options: ProxyOptions = {}): Promise<ConnectProxy> {
  const { credentials, certificate, resolve = {} } = options
  const requests: string[] = []
  const open = new Set<Duplex>()
  let refusal: number | undefined
  const next: number[] = []
  let connected = 0
  let mostConnected = 0
  const track = <Stream extends Duplex>(stream: Stream): Stream => {
    open.add(stream)
    stream.on('error', () => stream.destroy())
    return stream.once('close', () => open.delete(stream))
  }
  const isAllowed = ({ headers }: IncomingMessage): boolean =>
    credentials === undefined ||
    headers['proxy-authorization'] === `Basic ${Buffer.from(credentials).toString('base64')}`

  function forward(incoming: IncomingMessage, response: ServerResponse): void {
    if (!isAllowed(incoming)) return void response.writeHead(407).end('who are you?')
    const url = new URL(incoming.url ?? '')
    requests.push(url.href)
    const target = resolve[url.host] ?? url.host
    const { 'proxy-authorization': _secret, ...headers } = incoming.headers
    const outgoing = request(`http://${target}${url.pathname}${url.search}`, {
      method: incoming.method,
      headers,
      agent: false,
    })
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers)
      answer.pipe(response)
    })
    outgoing.on('error', () => response.writeHead(502).end())
    incoming.pipe(outgoing)
  }

  function tunnel(incoming: IncomingMessage, client: Duplex): void {
    track(client)
    const answer = (status: number) => client.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\n\r\n`)
    if (!isAllowed(incoming)) return void answer(407)
    const status = next.shift() ?? 200
    if (status !== 200) return void answer(status)
    if (refusal === 0) return void client.resume().once('end', () => client.destroy())
    if (refusal !== undefined) return void answer(refusal)
    const { url = '' } = incoming
    requests.push(url)
    const [host = '', port] = (resolve[url] ?? url).split(':')
    const target = track(connect(Number(port), host))
    target.once('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      client.pipe(target).pipe(client)
    })
    target.once('error', () => answer(502))
    client.once('close', () => target.destroy())
    target.once('close', () => client.destroy())
  }

  const create = (): Server =>
    (certificate ? createTlsProxy(certificate, forward) : createServer(forward))
      .on('connect', tunnel)
      .on('connection', (socket: Socket) => {
        connected += 1
        mostConnected = Math.max(mostConnected, connected)
        socket.once('close', () => {
          connected -= 1
        })
      })
  let server = create()
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const goAway = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    for (const stream of open) stream.destroy()
    await closed
  }
  await listen(0)
  t.after(goAway)
  const { port } = addressOf(server)
  const name = `127.0.0.1:${port}`
  return {
    url: `${certificate ? 'https' : 'http'}://${name}`,
    name,
    port,
    requests,
    answerWith: (status) => {
      refusal = status
    },
    answerNext: (statuses) => void next.push(...statuses),
    mostConnections: () => mostConnected,
    goAway,
    comeBack: async () => {
      server = create()
      await listen(port)
    },
    someConnection: () => until('a client has sent CONNECT', () => open.size > 0),
    noConnections: () => until('no client is connected', async () => (await connections(server)) === 0),
  }
}

const connections = (server: Server): Promise<number> => promisify(server.getConnections.bind(server))()

/** Terminates TLS in front of a plain server on this machine. Resolves with its port. Closes after the test. */
export async function startTlsFront(t: Owner, certificate: Certificate, plainUrl: string): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createTlsServer(certificate, (socket) => {
    const plain = connect(Number(new URL(plainUrl).port), '127.0.0.1')
    for (const one of [socket, plain]) {
      sockets.add(one)
      one.on('error', () => one.destroy())
    }
    socket.once('close', () => plain.destroy())
    plain.once('close', () => socket.destroy())
    socket.pipe(plain).pipe(socket)
  })
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return addressOf(server).port
}

function addressOf(server: NetServer): AddressInfo {
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return address
}
