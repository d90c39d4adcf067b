import type { TestContext } from 'node:test'
import { type AddressInfo, type WebSocket, WebSocketServer } from 'ws'
import { until } from '../helpers/wait.ts'

/** Collects what a socket reports. */
export function listener() {
  const seen = { texts: [] as string[], causes: [] as string[] }
  return {
    seen,
    heard: (text: string) => void seen.texts.push(text),
    ended: (cause: string) => void seen.causes.push(cause),
  }
}

/** A websocket server; resolves with its URI. Closes after the test. */
export async function server(t: TestContext, onSocket: (socket: WebSocket) => void) {
  const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  sockets.on('connection', onSocket)
  t.after(() => {
    for (const socket of sockets.clients) socket.terminate()
    sockets.close()
  })
  await until('it listens', () => sockets.address() !== null)
  return `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}/channels/c1`
}
