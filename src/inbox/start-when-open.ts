import type { Inbox } from './inbox.ts'

interface StartWhenOpenDeps {
  readonly inbox: Pick<Inbox, 'opened'>
  /** Reads from the open inbox what the start needs. Repeated while it fails. */
  readonly load: () => Promise<void>
  /** Started in this order. */
  readonly parts: readonly ({ start(): void } | undefined)[]
}

const retryMs = 1_000

/** Starts what needs an open inbox. The server of an inbox may be reachable only later; everything else runs meanwhile. */
export function createStartWhenOpen({ inbox, load, parts }: StartWhenOpenDeps) {
  const failure = Promise.withResolvers<unknown>()
  let timer: NodeJS.Timeout | undefined
  let isStopped = false

  async function loadAndStart(): Promise<void> {
    try {
      await load()
    } catch (error) {
      if (inbox.opened === undefined) throw error
      if (!isStopped) timer = setTimeout(() => void loadAndStart(), retryMs)
      return
    }
    if (!isStopped) for (const part of parts) part?.start()
  }

  return {
    /** Resolves with the error if the inbox turns out, after the start, not to be usable. */
    failed: failure.promise,
    /** Resolves at once if the inbox opens later. */
    async start(): Promise<void> {
      if (inbox.opened === undefined) await loadAndStart()
      else void inbox.opened().then(loadAndStart).catch(failure.resolve)
    },
    stop(): void {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
