import { dirname } from 'node:path'
import { fileVersion } from '../lookups/file-version.ts'
import type { RuleSet } from './evaluate.ts'
import type { RulesProblem } from './file/document.ts'
import { filesOf } from './load-lookups.ts'
import { type LoadedRules, loadRules } from './load-rules.ts'

/** The rules the service works by, replaced as a whole when their files change. */
export interface RulesInForce {
  current(): RuleSet
  status(): RulesStatus
  /** Reads the files again. What is not valid never replaces what is. */
  reload(): Promise<'replaced' | 'unchanged' | 'invalid'>
  /** Looks for changed files every few seconds. */
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
  /** Whether the last reload failed: then the files say something else than what is in force. */
  readonly stale: boolean
}

export interface RulesLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

export interface RulesInForceDeps {
  readonly file: string
  readonly loaded: LoadedRules
  readonly log: RulesLog
  /** Mistakes in valid rules, logged at start and after each reload. */
  readonly mistakesIn: (loaded: LoadedRules) => readonly RulesProblem[]
  readonly now: () => number
  readonly pollMs?: number
  readonly load?: typeof loadRules
}

/**
 * Files are polled by what the path leads to, since editors replace a file, and Kubernetes swaps a link to the folder of a
 * ConfigMap: watching the file would watch the one that is gone.
 */
export function createRulesInForce(deps: RulesInForceDeps): RulesInForce {
  const { file, log, now, pollMs = 2_000, load = loadRules } = deps
  let loaded = deps.loaded
  let loadedAt = now()
  let reloads = 0
  let failures = 0
  let stale = false
  let seen = deps.loaded.versions
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let underWay: Promise<'replaced' | 'unchanged' | 'invalid'> | undefined
  let round: Promise<void> = Promise.resolve()

  const versions = async (): Promise<string> => {
    const files = [file, ...filesOf(loaded.document.lookups, dirname(file))]
    return (await Promise.all(files.map(fileVersion))).join(' ')
  }

  async function replace(): Promise<'replaced' | 'unchanged' | 'invalid'> {
    seen = await versions() // before reading: what changes meanwhile is seen the next time
    const result = await load(file)
    if (result.kind === 'invalid') {
      failures += 1
      stale = true
      log.error(
        {
          code: 'rules_invalid',
          file,
          problems: result.problems.map((problem) => problem.split('\n', 1)[0]),
        },
        'rules not replaced: the last valid ones stay in force',
      )
      return 'invalid'
    }
    stale = false
    if (result.rules.version === loaded.rules.version) {
      result.rules.close()
      return 'unchanged'
    }
    const before = loaded
    loaded = result
    loadedAt = now()
    reloads += 1
    before.rules.close()
    seen = loaded.versions // of other files, maybe
    log.info({ version: loaded.rules.version, rules: loaded.rules.names.length }, 'rules replaced')
    warnOfMistakes()
    return 'replaced'
  }

  /** Such rules were right while events kept the letter case of their sender, so they do not stop the service. */
  function warnOfMistakes(): void {
    const mistakes = deps.mistakesIn(loaded)
    if (mistakes.length === 0) return
    log.warn(
      {
        file,
        problems: mistakes.map(
          ({ line, column, path, message }) => `${file}:${line}:${column} ${path} ${message}`,
        ),
      },
      'rules compare with values that no event has',
    )
  }

  function reload(): Promise<'replaced' | 'unchanged' | 'invalid'> {
    // One that is asked for meanwhile begins after the one under way, since that may have read the file already.
    const after = underWay ?? Promise.resolve()
    const next = after.then(replace).finally(() => {
      if (underWay === next) underWay = undefined
    })
    underWay = next
    return next
  }

  async function look(): Promise<void> {
    try {
      if ((await versions()) !== seen) await reload()
    } catch (error) {
      log.error({ code: 'rules_invalid', err: error }, 'rules could not be read again')
    }
    if (!stopped) timer = setTimeout(next, pollMs)
  }
  function next(): void {
    round = look()
  }

  return {
    current: () => loaded.rules,
    status: () => ({
      version: loaded.rules.version,
      rules: loaded.rules.names.length,
      loadedAt,
      reloads,
      failures,
      stale,
    }),
    reload,
    start: () => {
      if (timer !== undefined || stopped) return
      warnOfMistakes()
      next()
    },
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await round
      await underWay
      loaded.rules.close()
    },
  }
}
