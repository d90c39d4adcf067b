import { ping } from './message.ts'
import { judgeSilence } from './silence.ts'
import type { Connect, Socket } from './socket.ts'
import type { Timing } from './timing.ts'

/** A socket that is known to be alive: one that falls silent is ended. */
export type Connection = Pick<Socket, 'close' | 'cut'>

export interface ConnectionListener {
  readonly heard: (text: string) => void
  /** Once, however it ends. `deafSince`: from when on nothing was heard for certain, ms of the monotonic clock. */
  readonly ended: (cause: string, deafSince: number) => void
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
    const verdict = judgeSilence({ heardAt, pingedAt, now: monotonic(), timing })
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
