import { WebSocket } from 'ws'

export interface Socket {
  send(text: string): void
  /** Says goodbye and hears on until the other side has; resolves when it is closed. */
  close(): Promise<void>
  /** Ends it at once. */
  cut(): void
}

export interface SocketListener {
  readonly heard: (text: string) => void
  /** Once, however it ends. `cause` is for people. */
  readonly ended: (cause: string) => void
}

export type ConnectResult =
  | { readonly kind: 'open'; readonly socket: Socket }
  | { readonly kind: 'failed'; readonly cause: string }

/** Opens a websocket; never rejects. `signal` gives up waiting for it. */
export type Connect = (uri: string, listener: SocketListener, signal: AbortSignal) => Promise<ConnectResult>

export interface ConnectOptions {
  /** For the handshake. */
  readonly timeoutMs: number
  /** Whether `ws://` will do: for stand-ins. */
  readonly allowPlain: boolean
}

/** Far above any real conversation; a larger message ends the socket. */
const maxMessageBytes = 4_194_304
/** How long the other side may take to say goodbye too. */
const goodbyeMs = 2_000

/** The only client of websockets. */
export function createConnect({ timeoutMs, allowPlain }: ConnectOptions): Connect {
  return async (uri, listener, signal) => {
    const protocol = URL.parse(uri)?.protocol
    if (protocol !== 'wss:' && !(protocol === 'ws:' && allowPlain))
      return { kind: 'failed', cause: 'connectUri is no wss:// URL' }
    if (signal.aborted) return { kind: 'failed', cause: 'stopped' }
    const socket = create(uri, timeoutMs)
    if (socket === undefined) return { kind: 'failed', cause: 'connectUri cannot be connected to' }
    const { promise: opened, resolve: settle } = Promise.withResolvers<ConnectResult>()
    const { promise: closed, resolve: tellClosed } = Promise.withResolvers<void>()
    let fault: string | undefined
    let isOpen = false
    const abort = () => socket.terminate()
    signal.addEventListener('abort', abort)
    socket.on('open', () => {
      isOpen = true
      settle({ kind: 'open', socket: handle(socket, closed) })
    })
    socket.on('message', (data) => listener.heard(data.toString()))
    socket.on('error', (error) => {
      fault ??= 'code' in error ? String(error.code) : error.message
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

/** Undefined: the URL is one that the library throws on, such as one with a fragment. */
function create(uri: string, handshakeTimeout: number): WebSocket | undefined {
  try {
    return new WebSocket(uri, { handshakeTimeout, maxPayload: maxMessageBytes, perMessageDeflate: false })
  } catch {
    return undefined
  }
}

function handle(socket: WebSocket, closed: Promise<void>): Socket {
  return {
    send: (text) => socket.send(text, () => undefined), // what cannot be sent shows in the end of the socket
    close: async () => {
      const cut = setTimeout(() => socket.terminate(), goodbyeMs)
      socket.close(1000)
      await closed
      clearTimeout(cut)
    },
    cut: () => socket.terminate(),
  }
}
