import { mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type Database from 'better-sqlite3'
import { systemCodeOf } from '../../errors.ts'
import { type FileNotice, type Inbox, InboxFileLostError } from '../inbox.ts'
import {
  copyDatabase,
  identify,
  identifyOneOf,
  keepUnder,
  look,
  putBack,
  putInPlace,
  removeOwnWal,
} from './file-rescue.ts'
import { describeFailure, type FileStep, type FileVerdict, judgeFiles } from './file-state.ts'
import { savedCopyPath } from './saved-copies.ts'

/** An open inbox file. */
export interface Engine {
  readonly inbox: Inbox
  readonly database: Database.Database
  /** Without symbolic links. */
  readonly file: string
}

export interface FileGuardOptions {
  /** Opens the file again. Throws `InboxOpenError`. */
  readonly open: (file: string) => Engine
  /** Epoch ms, for the name of a copy. */
  readonly now: () => number
  readonly monotonic: () => number
  readonly onFileNotice?: ((notice: FileNotice) => void) | undefined
  readonly checkMs?: number | undefined
}

/** A stat of four paths per check costs nothing; a missing file is found within two seconds. */
const checkMsByDefault = 1_000
const slowestRetryMs = 30_000

export type FileGuard = ReturnType<typeof createFileGuard>

/**
 * Watches the files of an open inbox. If they are removed, moved or replaced, commits would go to files that end with the process: the
 * guard refuses events, saves all rows, and opens the saved file at the path. It never overwrites an inbox file of somebody else.
 */
export function createFileGuard(first: Engine, options: FileGuardOptions) {
  const { now, monotonic, onFileNotice = () => {}, checkMs = checkMsByDefault } = options
  const { file } = first
  let engine = first
  let isOpen = true
  let ids = identify(file)

  let lost: InboxFileLostError | undefined
  /** Path of the copy, chosen when the loss is noticed. */
  let saved = ''
  let isSaved = false
  let failures = 0
  let retryAt = Number.NEGATIVE_INFINITY

  let held: Promise<void> | undefined
  const running = new Set<Promise<unknown>>()

  function notify(notice: Omit<FileNotice, 'file'>): void {
    onFileNotice({ file, ...notice })
  }

  function refuse(why: { cause: string; remedy: string }, err?: unknown): void {
    const { cause, remedy } = why
    if (lost?.why.cause === cause) return
    const message = err === undefined ? 'inbox file lost, answering 503' : 'inbox not restored, retrying'
    lost = new InboxFileLostError(why, { cause: err })
    notify({ level: 'error', message, cause, remedy, ...(err !== undefined && { err }) })
  }

  async function accept(): Promise<void> {
    await rm(saved, { force: true }).catch(() => {}) // it is another name of the inbox file, or an older copy
    lost = undefined
    isSaved = false
    failures = 0
    retryAt = Number.NEGATIVE_INFINITY
    notify({ level: 'info', message: 'inbox file in place again, accepting events' })
  }

  /** Runs it while no write is under way: writes wait, reads go on. */
  async function whileHeld(run: () => Promise<void>): Promise<void> {
    let release = () => {}
    held = new Promise((resolve) => {
      release = resolve
    })
    try {
      await Promise.allSettled(running)
      await run()
    } finally {
      held = undefined
      release()
    }
  }

  async function save(): Promise<void> {
    if (!isOpen) return // the last copy has everything
    await copyDatabase(engine.database, saved)
    await removeOwnWal(file, ids)
  }

  async function saveBeside(): Promise<void> {
    await save()
    isSaved = true
    notify({ level: 'warn', message: 'inbox saved beside its path', saved })
  }

  /** Returns whether the copy is the inbox file now. */
  async function saveAtPath(): Promise<boolean> {
    await save()
    try {
      await putInPlace(saved, file)
      return true
    } catch (error) {
      if (systemCodeOf(error, '') !== 'EEXIST') throw error
      await saveBeside() // another file came first
      return false
    }
  }

  /**
   * Leases and listeners outlive the engine. Everything is also in `saved`: once the engine is closed, the file at the path may be
   * removed, and opening the path would create an empty one.
   */
  async function reopen(): Promise<void> {
    const ours = new Set([ids.file, identify(saved).file])
    if (isOpen) await engine.inbox.close() // releases the lock, which may be that of a removed file
    isOpen = false
    await putBack(saved, file)
    ids = { ...identifyOneOf(ours, file), wal: undefined, shm: undefined, lock: undefined }
    const opened = options.open(file)
    try {
      ids = identifyOneOf(ours, file)
    } catch (error) {
      await opened.inbox.close()
      throw error
    }
    engine = opened
    isOpen = true
    await accept()
  }

  async function act(step: FileStep): Promise<void> {
    if (step === 'reopen') {
      // Otherwise the file was removed after the look at it, and the next look finds that.
      if (!isOpen || (await keepUnder(saved, { file, database: engine.database, ids }))) await reopen()
    } else if (step === 'save_at_path' && (await saveAtPath())) await reopen()
    else if (step === 'save_beside' && !isSaved) await saveBeside()
  }

  async function judge(): Promise<FileVerdict | undefined> {
    const situation = await look(file, ids)
    if (situation === undefined) return undefined
    if (lost === undefined) saved = savedCopyPath(file, now())
    const verdict = judgeFiles(situation, { path: file, saved })
    if (isOpen || verdict.step !== 'none') return verdict
    const remedy = 'Stop any other process that uses it, and check its permissions.'
    return { step: 'reopen', cause: `${file} is closed`, remedy }
  }

  async function check(): Promise<void> {
    const verdict = await judge()
    if (verdict === undefined) return
    if (verdict.step === 'none') {
      if (lost !== undefined) await accept()
      return
    }
    if (failures === 0) refuse(verdict)
    if (monotonic() < retryAt) return
    try {
      await whileHeld(() => act(verdict.step))
      failures = 0
    } catch (error) {
      failures += 1
      retryAt = monotonic() + Math.min(slowestRetryMs, checkMs * 2 ** failures)
      refuse(describeFailure(verdict, error), error)
    }
  }

  let stopped: Promise<void> | undefined
  let checking = Promise.resolve()
  let timer = setTimeout(next, checkMs)
  function next(): void {
    checking = check().finally(() => {
      if (stopped === undefined) timer = setTimeout(next, checkMs)
    })
  }

  /** The last chance: nothing can read the unlinked file after the process. */
  async function saveBeforeEnd(): Promise<void> {
    const verdict = isOpen ? await judge() : undefined
    if (verdict === undefined) return
    const { step, cause } = verdict
    try {
      if (step === 'wait') await mkdir(dirname(file), { recursive: true })
      if (step === 'save_beside') await saveBeside()
      if ((step === 'wait' || step === 'save_at_path') && (await saveAtPath()))
        await rm(saved, { force: true })
    } catch (error) {
      const why = describeFailure(verdict, error)
      notify({ level: 'error', message: 'inbox not saved, its events are lost', ...why, err: error })
      throw new InboxFileLostError({ ...why, cause }, { cause: error })
    }
  }

  async function stop(): Promise<void> {
    clearTimeout(timer)
    await checking
    clearTimeout(timer)
    await Promise.allSettled(running)
    try {
      await saveBeforeEnd()
    } finally {
      if (isOpen) await engine.inbox.close()
    }
  }

  const current = (): Inbox => {
    if (!isOpen && lost !== undefined) throw lost
    return engine.inbox
  }

  return {
    /** Throws `InboxFileLostError` while the files are lost. */
    requireFiles(): void {
      if (lost !== undefined) throw lost
    },
    read: current,
    async write<Result>(run: (inbox: Inbox) => Promise<Result>): Promise<Result> {
      while (held !== undefined) await held
      const call = run(current())
      running.add(call)
      try {
        return await call
      } finally {
        running.delete(call)
      }
    },
    /** Waits for writes, saves lost files once more, and closes the inbox. Idempotent. */
    close(): Promise<void> {
      stopped ??= stop()
      return stopped
    },
  }
}
