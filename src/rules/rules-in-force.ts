import { dirname } from 'node:path'
import type { Log } from '../log/log.ts'
import { fileVersion } from '../lookups/file-version.ts'
import type { RuleSet } from './evaluate.ts'
import type { RulesProblem } from './file/document.ts'
import { type LoadedRules, type LookupDeps, loadRules, lookupFilesOf } from './load-rules.ts'

export type RulesSource = Pick<LoadedRules, 'text' | 'compiled' | 'tables'>

type ReloadResult = 'replaced' | 'unchanged' | 'invalid'

/** The rules that the service uses, replaced as a whole when their files change. */
export interface RulesInForce {
  current(): RuleSet
  /** What they were made of. Its tables are closed when the rules are replaced. */
  source(): RulesSource
  status(): RulesStatus
  /** Reads the files again. Invalid rules never replace valid ones. */
  reload(): Promise<ReloadResult>
  /** Polls the files every few seconds. */
  start(): void
  /** Idempotent. */
  stop(): Promise<void>
}

export interface RulesStatus {
  readonly version: string
  readonly rules: number
  /** When the rules in force were loaded, epoch ms. */
  readonly loadedAt: number
  readonly reloads: number
  readonly failures: number
  /** Whether the last reload failed: the files then differ from the rules in force. */
  readonly stale: boolean
}

interface RulesInForceDeps {
  readonly file: string
  readonly loaded: LoadedRules
  /** For the tables of reloaded rules. */
  readonly lookups?: LookupDeps
  readonly log: Log<'info' | 'warn' | 'error'>
  /** Mistakes in valid rules, logged at start and after each reload. */
  readonly mistakesIn: (loaded: LoadedRules) => readonly RulesProblem[]
  readonly now: () => number
  readonly pollMs?: number
}

/**
 * Polls the files by path. A watch would stay on the old file when an editor replaces it, or when Kubernetes replaces the
 * link to the folder of a ConfigMap.
 */
export function createRulesInForce(deps: RulesInForceDeps): RulesInForce {
  const { file, log, now, pollMs = 2_000 } = deps
  let loaded = deps.loaded
  const state = { loadedAt: now(), reloads: 0, failures: 0, stale: false }
  let seenVersions = deps.loaded.versions
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let reloading: Promise<ReloadResult> | undefined
  let polling: Promise<void> = Promise.resolve()

  const versions = async (): Promise<string> => {
    const files = [file, ...lookupFilesOf(loaded.document.lookups, dirname(file))]
    return (await Promise.all(files.map(fileVersion))).join(' ')
  }

  async function replace(): Promise<ReloadResult> {
    seenVersions = await versions() // before reading, so that the next poll finds a change made meanwhile
    const result = await loadRules(file, deps.lookups)
    if (result.kind === 'invalid') {
      state.failures += 1
      state.stale = true
      const problems = result.problems.map((problem) => problem.split('\n', 1)[0])
      log.error(
        { code: 'rules_invalid', file, problems },
        'rules not replaced, the last valid rules stay in force',
      )
      return 'invalid'
    }
    state.stale = false
    if (result.rules.version === loaded.rules.version) {
      result.rules.close()
      return 'unchanged'
    }
    const before = loaded
    loaded = result
    state.loadedAt = now()
    state.reloads += 1
    before.rules.close()
    seenVersions = loaded.versions // the new rules may use other table files
    log.info({ version: loaded.rules.version, rules: loaded.rules.names.length }, 'rules replaced')
    warnOfMistakes()
    return 'replaced'
  }

  /** Earlier versions kept the letter case of the sender, so such rules were valid and must not stop the service. */
  function warnOfMistakes(): void {
    const problems = deps
      .mistakesIn(loaded)
      .map(({ line, column, path, message }) => `${file}:${line}:${column} ${path} ${message}`)
    if (problems.length > 0)
      log.warn({ file, problems }, 'rules compare with upper-case values, which no event has')
  }

  function reload(): Promise<ReloadResult> {
    // A reload requested during another one starts after it, because the running one may have read the file already.
    const after = reloading ?? Promise.resolve()
    const next = after.then(replace).finally(() => {
      if (reloading === next) reloading = undefined
    })
    reloading = next
    return next
  }

  async function poll(): Promise<void> {
    try {
      if ((await versions()) !== seenVersions) await reload()
    } catch (error) {
      log.error({ code: 'rules_invalid', err: error }, 'rules not reloaded')
    }
    if (!stopped) timer = setTimeout(startPoll, pollMs)
  }
  function startPoll(): void {
    polling = poll()
  }

  return {
    current: () => loaded.rules,
    source: () => loaded,
    status: () => ({ version: loaded.rules.version, rules: loaded.rules.names.length, ...state }),
    reload,
    start: () => {
      if (timer !== undefined || stopped) return
      warnOfMistakes()
      startPoll()
    },
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await polling
      await reloading
      loaded.rules.close()
    },
  }
}
