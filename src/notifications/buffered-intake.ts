import type { Intake, IntakeResult } from '../ingest/intake.ts'
import { backoff, type Random } from '../timing/backoff.ts'
import { createBell } from '../timing/wake-signal.ts'
import { type BufferBounds, type BufferEntry, createBuffer } from './buffer.ts'
import type { Rejections } from './rejections.ts'
import type { NotificationsLog } from './status.ts'

/** Brings what arrives into the inbox, in its order. */
export interface Feeder {
  /** False: the inbox takes nothing and the buffer is full. The message is lost. */
  push(entry: BufferEntry): boolean
  /** Why the inbox takes nothing now. */
  trouble(): 'inbox_full' | 'store_unavailable' | undefined
  /** Stores what is buffered; what the inbox does not take by then is lost and told. */
  stop(): Promise<void>
}

export interface FeederDeps {
  readonly accept: Intake
  readonly rejections: Pick<Rejections, 'note'>
  /** Everything that was buffered is stored. */
  readonly onEmpty: () => void
  readonly log: NotificationsLog
  readonly random: Random
  readonly bounds?: BufferBounds
}

/** Some minutes of a busy org, and no more than the process can bear. */
const defaultBounds: BufferBounds = { entries: 10_000, bytes: 33_554_432 }
const batch = { entries: 100, bytes: 1_048_576 }
const one = { entries: 1, bytes: 0 }

/** No one sends again what a socket brought: so it is kept here until the inbox takes it. */
export function createFeeder({
  accept,
  rejections,
  onEmpty,
  log,
  random,
  bounds = defaultBounds,
}: FeederDeps): Feeder {
  const buffer = createBuffer(bounds)
  const bell = createBell()
  let feeding: Promise<void> | undefined
  let trouble: 'inbox_full' | 'store_unavailable' | undefined
  let stopping = false

  async function feed(): Promise<void> {
    await store()
    feeding = undefined // here and not when the promise settles: what comes in between would be forgotten
    if (!stopping) onEmpty()
  }

  async function store(): Promise<void> {
    let failures = 0
    while (buffer.size > 0) {
      // After a failure one by one: what has no room as a hundred may have it as one.
      const entries = buffer.peek(failures === 0 ? batch : one)
      const items = entries.map(({ item }) => item)
      const result = await accept(items)
      if (result.kind === 'taken') {
        buffer.drop(entries.length)
        rejections.note(items, result.rejected)
        if (trouble !== undefined) log.info({ buffered: buffer.size }, 'notifications are stored again')
        trouble = undefined
        failures = 0
      } else {
        failures += 1
        troubled(result)
        if (stopping) return giveUp()
        await bell.wait(backoff({ attempts: failures, firstMs: 250, slowestMs: 5_000, random }))
      }
    }
  }

  function troubled(result: Exclude<IntakeResult, { kind: 'taken' }>): void {
    const code = result.kind === 'failed' ? 'store_unavailable' : 'inbox_full'
    const cause = result.kind === 'failed' ? { err: result.error } : {}
    if (trouble !== code)
      log.error({ code, ...cause }, 'notifications could not be stored: they are buffered')
    trouble = code
  }

  function giveUp(): void {
    log.error({ code: trouble, lost: buffer.size }, 'notifications are lost: the inbox does not take them')
    buffer.drop(buffer.size)
  }

  return {
    push: (entry) => {
      if (!buffer.add(entry)) return false
      feeding ??= feed()
      return true
    },
    trouble: () => trouble,
    stop: async () => {
      stopping = true
      bell.ring()
      await feeding
    },
  }
}
