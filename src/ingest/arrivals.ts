import type { Server, Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'

/**
 * New connections that have given no event yet; a commit waits up to 2 ms for them. EventBridge opens a connection for each
 * event, and the event loop may have accepted several connections that it has not read yet.
 */
export interface Arrivals {
  /** Counts the connections of a server. */
  watch(server: Server): void
  /** The event of this connection was given to the inbox. */
  handedOver(socket: Socket): void
  /** Whether an event is on its way. */
  expected(): boolean
}

/** A connection that sends no request within this time is one that is kept for later, such as a load balancer's. */
const maxWaitMs = 2

export function createArrivals(monotonic: () => number): Arrivals {
  /** In the order in which they were opened. */
  const openedAt = new Map<Socket, number>()
  return {
    watch: (server) => {
      // Requests know the socket that decrypts, not the one below it.
      server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
        openedAt.set(socket, monotonic())
        socket.once('close', () => openedAt.delete(socket))
      })
    },
    handedOver: (socket) => openedAt.delete(socket),
    expected: () => {
      const oldest = monotonic() - maxWaitMs
      for (const [socket, at] of openedAt) {
        if (at > oldest) return true
        openedAt.delete(socket)
      }
      return false
    },
  }
}
