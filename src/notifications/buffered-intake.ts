import type { Intake, IntakeResult } from '../ingest/intake.ts'
import { backoff, type Random } from '../timing/backoff.ts'
import { createWakeSignal } from '../timing/wake-signal.ts'
import type { Rejections } from './rejections.ts'
import type { NotificationsLog } from './status.ts'

export interface BufferEntry {
  readonly item: unknown
  /** Length of the message text. */
  readonly bytes: number
}

export interface BufferBounds {
  readonly entries: number
  readonly bytes: number
}

export interface BufferedIntakeDeps {
  readonly accept: Intake
  readonly rejections: Pick<Rejections, 'note'>
  /** Called when the buffer is empty again. */
  readonly onEmpty: () => void
  readonly log: NotificationsLog
  readonly random: Random
  readonly bounds?: BufferBounds
}

/** Some minutes of a busy org. */
const defaultBounds: BufferBounds = { entries: 10_000, bytes: 33_554_432 }
const batch = { entries: 100, bytes: 1_048_576 }
const one = { entries: 1, bytes: 0 }

/**
 * Passes messages to the intake in their order, and buffers them while the inbox takes none: Genesys Cloud does not send a
 * message again.
 */
export function createBufferedIntake({
  accept,
  rejections,
  onEmpty,
  log,
  random,
  bounds = defaultBounds,
}: BufferedIntakeDeps) {
  const buffer = createBuffer(bounds)
  const signal = createWakeSignal()
  let feeding: Promise<void> | undefined
  let failure: 'inbox_full' | 'store_unavailable' | undefined
  let stopping = false

  async function feed(): Promise<void> {
    await store()
    feeding = undefined // here and not when the promise settles: a message in between would not be stored
    if (!stopping) onEmpty()
  }

  async function store(): Promise<void> {
    let failures = 0
    while (buffer.size > 0) {
      // After a failure one by one: a single message may fit where a hundred don't.
      const entries = buffer.peek(failures === 0 ? batch : one)
      const items = entries.map(({ item }) => item)
      const result = await accept(items)
      if (result.kind === 'stored') {
        buffer.drop(entries.length)
        rejections.note(items, result.rejected)
        if (failure !== undefined) log.info({ buffered: buffer.size }, 'notifications stored again')
        failure = undefined
        failures = 0
      } else {
        failures += 1
        noteFailure(result)
        if (stopping) return giveUp()
        await signal.wait(backoff({ attempts: failures, firstMs: 250, slowestMs: 5_000, random }))
      }
    }
  }

  function noteFailure(result: Exclude<IntakeResult, { kind: 'stored' }>): void {
    const code = result.kind === 'failed' ? 'store_unavailable' : 'inbox_full'
    const cause = result.kind === 'failed' ? { err: result.error } : {}
    if (failure !== code) log.error({ code, ...cause }, 'notifications not stored, buffering')
    failure = code
  }

  function giveUp(): void {
    log.error({ code: failure, lost: buffer.size }, 'notifications lost: the inbox does not take them')
    buffer.drop(buffer.size)
  }

  return {
    /** False: the inbox takes nothing and the buffer is full. The message is lost. */
    push: (entry: BufferEntry): boolean => {
      if (!buffer.add(entry)) return false
      feeding ??= feed()
      return true
    },
    /** Why the inbox takes nothing now. */
    failure: () => failure,
    /** Stores the buffered messages; those that the inbox does not take are lost, and logged. */
    stop: async (): Promise<void> => {
      stopping = true
      signal.wake()
      await feeding
    },
  }
}

/** Messages that are not stored yet, in order of arrival, within bounds. */
export function createBuffer(bounds: BufferBounds) {
  const entries: BufferEntry[] = []
  let bytes = 0
  return {
    get size() {
      return entries.length
    },
    /** False: the buffer is full and the entry was not added. */
    add: (entry: BufferEntry): boolean => {
      if (entries.length >= bounds.entries || bytes + entry.bytes > bounds.bytes) return false
      entries.push(entry)
      bytes += entry.bytes
      return true
    },
    /** The oldest entries, up to these bounds but at least one if there is one. They stay in the buffer. */
    peek: (most: BufferBounds): readonly BufferEntry[] => {
      let count = 0
      let sum = 0
      for (const { bytes } of entries.slice(0, most.entries)) {
        sum += bytes
        if (sum > most.bytes && count > 0) break
        count += 1
      }
      return entries.slice(0, count)
    },
    /** Removes the oldest entries. */
    drop: (count: number): void => {
      for (const entry of entries.splice(0, count)) bytes -= entry.bytes
    },
  }
}
