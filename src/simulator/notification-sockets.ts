import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'

/** The websockets of channels, at `/channels/{id}` of the simulator's origin: one a channel, the last one that came. */
export interface NotificationSockets {
  has(channelId: string): boolean
  /** Sends a text to the sockets of these channels; returns how many. */
  send(channelIds: Iterable<string>, text: string): number
  /** Ends every socket, with a close frame of this code or, without one, by breaking it off; returns how many. */
  drop(code?: number): number
  /** The sockets that are open now say nothing more, not even that they are closed; returns how many. */
  mute(): number
  /** The channel has ended. */
  end(channelId: string): void
  close(): void
}

export interface NotificationSocketsDependencies {
  readonly server: Server
  readonly isChannel: (id: string) => boolean
  readonly heartbeatMs: number
}

interface Open {
  readonly socket: WebSocket
  readonly heartbeat: NodeJS.Timeout
  muted: boolean
}

/** Genesys's own words. */
const metadata = (message: string): string =>
  JSON.stringify({ topicName: 'channel.metadata', eventBody: { message } })

export function createNotificationSockets({
  server,
  isChannel,
  heartbeatMs,
}: NotificationSocketsDependencies): NotificationSockets {
  const accepting = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 65_536 })
  const open = new Map<string, Open>()

  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const id = /^\/channels\/([^/?]+)$/.exec(request.url ?? '')?.[1]
    if (id === undefined || !isChannel(id)) {
      stream.end(`HTTP/1.1 404 ${STATUS_CODES[404]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    accepting.handleUpgrade(request, stream, head, (socket) => welcome(id, socket))
  })

  function welcome(id: string, socket: WebSocket): void {
    const before = open.get(id)
    const entry: Open = {
      socket,
      muted: false,
      heartbeat: setInterval(() => say(entry, metadata('WebSocket Heartbeat')), heartbeatMs),
    }
    open.set(id, entry)
    before?.socket.terminate()
    socket.on('message', (data) => {
      if (isPing(data.toString())) say(entry, metadata('pong'))
    })
    socket.on('error', () => undefined) // its close follows
    socket.on('close', () => {
      clearInterval(entry.heartbeat)
      if (open.get(id) === entry) open.delete(id)
    })
  }

  function say({ socket, muted }: Open, text: string): boolean {
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
        if (entry !== undefined && say(entry, text)) sent += 1
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
      accepting.close()
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
