import { ping } from './message.ts'
import type { Connect, Socket } from './socket.ts'
import type { Timing } from './timing.ts'

/** A socket that is known to be alive: a silent one is terminated. */
export type Connection = Pick<Socket, 'close' | 'cut'>

export interface ConnectionListener {
  readonly heard: (text: string) => void
  /** Called once, however the socket ends. `silentSince`: when the last message may have been lost, monotonic ms. */
  readonly ended: (cause: string, silentSince: number) => void
}

export type ConnectionResult =
  | { readonly kind: 'open'; readonly connection: Connection }
  | { readonly kind: 'failed'; readonly cause: string }

export interface ConnectionDeps {
  readonly connect: Connect
  readonly timing: Pick<Timing, 'pingAfterMs' | 'deadAfterMs'>
  readonly monotonic: () => number
}

export async function openConnection(
  uri: string,
  listener: ConnectionListener,
  signal: AbortSignal,
  { connect, timing, monotonic }: ConnectionDeps,
): Promise<ConnectionResult> {
  let heardAt = monotonic()
  let pingedAt: number | undefined
  let watching: NodeJS.Timeout | undefined
  let ended = false
  let silent = false
  const result = await connect(
    uri,
    {
      heard: (text) => {
        heardAt = monotonic()
        listener.heard(text)
      },
      ended: (cause) => {
        ended = true
        clearTimeout(watching)
        if (silent) listener.ended(`silent for ${Math.round(monotonic() - heardAt)} ms`, heardAt)
        else listener.ended(cause, monotonic())
      },
    },
    signal,
  )
  if (result.kind === 'failed') return result
  const { socket } = result

  function watch(): void {
    const verdict = checkSilence({ heardAt, pingedAt, now: monotonic(), timing })
    if (verdict.kind === 'dead') {
      silent = true
      socket.cut()
      return
    }
    if (verdict.kind === 'ping') {
      pingedAt = monotonic()
      socket.send(ping)
    }
    watching = setTimeout(watch, verdict.kind === 'wait' ? verdict.ms : 0)
  }
  if (!ended) watch()
  return { kind: 'open', connection: socket }
}

export interface Silence {
  /** When the last message arrived, when the last ping was sent (undefined: never), and now: ms by one clock. */
  readonly heardAt: number
  readonly pingedAt: number | undefined
  readonly now: number
  readonly timing: Pick<Timing, 'pingAfterMs' | 'deadAfterMs'>
}

export type SilenceVerdict =
  /** The socket is alive or has been pinged: check again after `ms`. */
  { readonly kind: 'wait'; readonly ms: number } | { readonly kind: 'ping' } | { readonly kind: 'dead' }

/** Decides whether a silent socket is to be pinged or is dead. Pure. */
export function checkSilence({ heardAt, pingedAt, now, timing }: Silence): SilenceVerdict {
  const deadAt = heardAt + timing.deadAfterMs
  if (now >= deadAt) return { kind: 'dead' }
  if (pingedAt !== undefined && pingedAt >= heardAt) return { kind: 'wait', ms: deadAt - now }
  const pingAt = heardAt + timing.pingAfterMs
  return now >= pingAt ? { kind: 'ping' } : { kind: 'wait', ms: pingAt - now }
}
