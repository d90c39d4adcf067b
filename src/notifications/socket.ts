import { type ClientOptions, WebSocket } from 'ws'
import { z } from 'zod'
import { systemCodeOf } from '../errors.ts'
import type { OutgoingProxy } from '../http/outgoing-proxy.ts'
import { readJsonText } from '../values/json.ts'
import { safeParse } from '../values/safe-parse.ts'

export interface Socket {
  send(text: string): void
  /** Sends a close frame and receives until the other side has closed too; resolves when it is closed. */
  close(): Promise<void>
  /** Terminates the socket at once. */
  cut(): void
}

export interface SocketListener {
  readonly heard: (text: string) => void
  /** Called once, however the socket ends. `cause` is for the log. */
  readonly ended: (cause: string) => void
}

export type ConnectResult =
  | { readonly kind: 'open'; readonly socket: Socket }
  | { readonly kind: 'failed'; readonly cause: string }

/** Opens a websocket; never rejects. `signal` aborts the wait. */
export type Connect = (uri: string, listener: SocketListener, signal: AbortSignal) => Promise<ConnectResult>

export interface ConnectOptions {
  /** For the handshake. */
  readonly timeoutMs: number
  /** Whether `ws://` is accepted: for the simulator. */
  readonly allowPlain: boolean
  /** Undefined: direct connections. */
  readonly proxy?: OutgoingProxy | undefined
}

/** Far above any real conversation; a larger message ends the socket. */
const maxMessageBytes = 4_194_304
/** How long the other side may take to close too. */
const closeMs = 2_000

/** The only websocket client. */
export function createConnect({ timeoutMs, allowPlain, proxy }: ConnectOptions): Connect {
  return async (uri, listener, signal) => {
    const protocol = URL.parse(uri)?.protocol
    if (protocol !== 'wss:' && !(protocol === 'ws:' && allowPlain))
      return { kind: 'failed', cause: 'connectUri is not a wss:// URL' }
    if (signal.aborted) return { kind: 'failed', cause: 'stopped' }
    const agent = proxy?.covers(uri)
      ? proxy[protocol === 'wss:' ? 'createTunnelAgent' : 'createPlainTunnelAgent'](timeoutMs)
      : undefined
    const socket = create(uri, { handshakeTimeout: timeoutMs, ...(agent && { agent }) })
    if (socket === undefined) return { kind: 'failed', cause: 'connectUri is not usable' }
    const { promise: opened, resolve: settle } = Promise.withResolvers<ConnectResult>()
    const { promise: closed, resolve: tellClosed } = Promise.withResolvers<void>()
    let fault: string | undefined
    let isOpen = false
    const abort = () => {
      agent?.destroy()
      socket.terminate()
    }
    signal.addEventListener('abort', abort)
    socket.on('open', () => {
      isOpen = true
      settle({ kind: 'open', socket: handle(socket, closed) })
    })
    socket.on('message', (data) => listener.heard(data.toString()))
    socket.on('error', (error) => {
      fault ??= systemCodeOf(error, error.message)
    })
    socket.on('close', (code) => {
      signal.removeEventListener('abort', abort)
      const cause = fault ?? `closed (${code})`
      settle({ kind: 'failed', cause })
      tellClosed()
      if (isOpen) listener.ended(cause)
    })
    return opened
  }
}

/** Undefined: the library rejects the URL, for example one with a fragment. */
function create(uri: string, options: ClientOptions): WebSocket | undefined {
  try {
    return new WebSocket(uri, { ...options, maxPayload: maxMessageBytes, perMessageDeflate: false })
  } catch {
    return undefined
  }
}

function handle(socket: WebSocket, closed: Promise<void>): Socket {
  return {
    send: (text) => socket.send(text, () => undefined), // a failed send shows as the end of the socket
    close: async () => {
      const cut = setTimeout(() => socket.terminate(), closeMs)
      socket.close(1000)
      await closed
      clearTimeout(cut)
    },
    cut: () => socket.terminate(),
  }
}

/** The kinds of message from the socket. */
export type Message =
  /** For the intake, as sent. */
  | { readonly kind: 'event'; readonly item: unknown }
  /** About every 30 s, and in answer to a ping. */
  | { readonly kind: 'heartbeat' }
  /** The server will close this socket, in about a minute. */
  | { readonly kind: 'closing' }
  | { readonly kind: 'unreadable' }

/** The server answers it with a pong, which is a heartbeat. */
export const ping = '{"message":"ping"}'

const envelope = z.looseObject({ topicName: z.string() })

export function readMessage(text: string): Message {
  const json = readJsonText(text)
  const parsed = safeParse(envelope, json.kind === 'json' ? json.value : undefined)
  if (!parsed.success) return { kind: 'unreadable' }
  const topic = parsed.data.topicName.toLowerCase()
  if (topic === 'channel.metadata') return { kind: 'heartbeat' }
  if (topic === 'v2.system.socket_closing') return { kind: 'closing' }
  return { kind: 'event', item: parsed.data }
}
