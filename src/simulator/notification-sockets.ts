import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'

/** The websockets of channels, at `/channels/{id}`. A new websocket of a channel replaces the previous one. */
export interface NotificationSockets {
  has(channelId: string): boolean
  /** Sends a text to the sockets of these channels; returns the number of sockets. */
  send(channelIds: Iterable<string>, text: string): number
  /** Closes every socket with this code, or without one terminates the connections; returns the number. */
  drop(code?: number): number
  /** Keeps the open sockets open but sends nothing more on them; returns their number. */
  mute(): number
  /** Closes the socket of a channel that has ended. */
  end(channelId: string): void
  close(): void
}

export interface NotificationSocketsDependencies {
  readonly server: Server
  readonly isChannel: (id: string) => boolean
  readonly heartbeatMs: number
}

interface OpenSocket {
  readonly socket: WebSocket
  readonly heartbeat: NodeJS.Timeout
  muted: boolean
}

/** The message format of Genesys Cloud. */
const metadata = (message: string): string =>
  JSON.stringify({ topicName: 'channel.metadata', eventBody: { message } })

export function createNotificationSockets({
  server,
  isChannel,
  heartbeatMs,
}: NotificationSocketsDependencies): NotificationSockets {
  const webSocketServer = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: 65_536,
  })
  const open = new Map<string, OpenSocket>()

  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const id = /^\/channels\/([^/?]+)$/.exec(request.url ?? '')?.[1]
    if (id === undefined || !isChannel(id)) {
      stream.end(`HTTP/1.1 404 ${STATUS_CODES[404]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    webSocketServer.handleUpgrade(request, stream, head, (socket) => register(id, socket))
  })

  function register(id: string, socket: WebSocket): void {
    const previous = open.get(id)
    const entry: OpenSocket = {
      socket,
      muted: false,
      heartbeat: setInterval(() => sendText(entry, metadata('WebSocket Heartbeat')), heartbeatMs),
    }
    open.set(id, entry)
    previous?.socket.terminate()
    socket.on('message', (data) => {
      if (isPing(data.toString())) sendText(entry, metadata('pong'))
    })
    socket.on('error', () => undefined) // a close event follows
    socket.on('close', () => {
      clearInterval(entry.heartbeat)
      if (open.get(id) === entry) open.delete(id)
    })
  }

  function sendText({ socket, muted }: OpenSocket, text: string): boolean {
    if (muted || socket.readyState !== socket.OPEN) return false
    socket.send(text)
    return true
  }

  return {
    has: (channelId) => open.has(channelId),
    send(channelIds, text) {
      let sent = 0
      for (const id of channelIds) {
        const entry = open.get(id)
        if (entry !== undefined && sendText(entry, text)) sent += 1
      }
      return sent
    },
    drop(code) {
      const entries = [...open.values()]
      for (const { socket } of entries) {
        if (code === undefined) socket.terminate()
        else socket.close(code)
      }
      return entries.length
    },
    mute() {
      for (const entry of open.values()) entry.muted = true
      return open.size
    },
    end(channelId) {
      open.get(channelId)?.socket.close(1001)
    },
    close() {
      for (const { socket } of open.values()) socket.terminate()
      webSocketServer.close()
    },
  }
}

function isPing(text: string): boolean {
  try {
    return JSON.parse(text)?.message === 'ping'
  } catch {
    return false
  }
}
