import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Owner } from './folder.ts'

/** What the proxy does with the data of a connection. */
export type Passing =
  | { readonly kind: 'all' }
  /** Every piece comes later. */
  | { readonly kind: 'late'; readonly delayMs: number }
  /** A few bytes at a time. */
  | { readonly kind: 'drip'; readonly bytes: number; readonly everyMs: number }
  /** Resets the connection after so many bytes, and new ones too. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Nothing comes, as behind a firewall that drops packets. */
  | { readonly kind: 'nothing' }

export interface TcpProxy {
  readonly port: number
  pass(passing: Passing): void
  /** Connections so far. */
  connections(): number
}

/** A TCP proxy in front of a port of this machine. Ends after the test. */
export async function startTcpProxy(t: Owner, target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let passing: Passing = { kind: 'all' }
  let connections = 0
  let changed = Promise.withResolvers<void>()

  async function pump(source: Socket, sink: Socket): Promise<void> {
    let passed = 0
    for await (const chunk of source as AsyncIterable<Buffer>) {
      for (let from = 0; from < chunk.length; ) {
        while (passing.kind === 'nothing') await changed.promise
        if (passing.kind === 'late') await sleep(passing.delayMs)
        if (passing.kind === 'drip') await sleep(passing.everyMs)
        const part = chunk.subarray(from, from + (passing.kind === 'drip' ? passing.bytes : chunk.length))
        from += part.length
        passed += part.length
        if (passing.kind === 'cut' && passed > passing.afterBytes) {
          source.resetAndDestroy()
          sink.resetAndDestroy()
          return
        }
        sink.write(part)
      }
    }
    sink.end()
  }

  const server = createServer((client) => {
    connections += 1
    const upstream = connect(target, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.once('close', () => sockets.delete(socket))
    }
    client.once('close', () => upstream.destroy())
    upstream.once('close', () => client.destroy())
    // A reset connection ends the loop with an error.
    void pump(client, upstream).catch(() => {})
    void pump(upstream, client).catch(() => {})
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const pass = (next: Passing) => {
    passing = next
    changed.resolve()
    changed = Promise.withResolvers()
  }
  t.after(() => {
    pass({ kind: 'all' })
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { port: address.port, pass, connections: () => connections }
}
