import { LRUCache } from 'lru-cache'
import type { Random } from '../timing/backoff.ts'
import { createCallPolicy } from './call-policy.ts'
import { createLookupCall, type FailureCause, type LookupCallDeps } from './lookup-call.ts'
import type { HttpLookup } from './lookup-schema.ts'
import { createLookupUrl } from './lookup-url.ts'
import type { PeekResult, TableSource } from './tables.ts'

export interface HttpTableDependencies extends LookupCallDeps {
  /** A monotonic clock in milliseconds, above 0. */
  readonly now: () => number
  readonly random: Random
  /** `status`: of the answer, if there was one. */
  readonly onFailure?: (cause: FailureCause, status?: number) => void
}

type Answered = Extract<PeekResult, { kind: 'row' | 'none' }>
type Failed = Extract<PeekResult, { kind: 'failed' }>

/** Characters of all rows together; beyond, the least recently used are removed. */
const maxCachedCharacters = 67_108_864
/** A failure is cached for one to two times this long, so that keys that failed together are not retried together. */
const failureMs = 5_000
/** The same for a refused call. Shorter, because the next call may be accepted. */
const refusalMs = 1_000

/**
 * A table behind an HTTP API: fetches rows by key and caches them. `fetch` joins a call under way for the same key, and caches
 * a failure for at least a second.
 */
export function createHttpTable(definition: HttpLookup, dependencies: HttpTableDependencies): TableSource {
  const { now, random, onFailure } = dependencies
  const { concurrency, maxEntries, columns } = definition
  const urlOf = createLookupUrl(definition.url)
  const clock = { perf: { now }, ttlResolution: 0 } as const
  const answers = new LRUCache<string, Answered>({
    ...clock,
    max: maxEntries,
    maxSize: maxCachedCharacters,
    sizeCalculation: sizeOf,
  })
  // A separate cache, so that an outage does not evict rows.
  const failures = new LRUCache<string, Failed>({ ...clock, max: maxEntries })
  const pending = new Map<string, Promise<void>>()
  const run = createCallPolicy({ concurrency, monotonic: now, random })
  const call = createLookupCall(definition, dependencies)

  function peek(key: string): PeekResult {
    const found = answers.get(key) ?? failures.get(key)
    if (found !== undefined) return found
    return urlOf(key) === undefined ? { kind: 'none' } : { kind: 'unknown' }
  }

  async function fetchRow(key: string, url: string): Promise<void> {
    const outcome = await run(() => call.get(url))
    if (outcome.kind === 'row' || outcome.kind === 'none') {
      const seconds = outcome.kind === 'row' ? definition.ttlSeconds : definition.negativeTtlSeconds
      const { broken: _, ...answer } = outcome
      answers.set(key, answer, { ttl: seconds * 1_000 })
      failures.delete(key)
      return
    }
    const { cause } = outcome
    const minMs = outcome.kind === 'refused' ? refusalMs : failureMs
    failures.set(key, { kind: 'failed', cause }, { ttl: Math.ceil(minMs + random() * minMs) })
    onFailure?.(cause, outcome.kind === 'failed' ? outcome.status : undefined)
  }

  return {
    columns: columns === undefined ? undefined : Object.keys(columns),
    onError: definition.onError,
    peek,
    fetch: async (key) => {
      const url = urlOf(key)
      if (url === undefined || peek(key).kind !== 'unknown') return
      const underWay = pending.get(key) ?? fetchRow(key, url).finally(() => pending.delete(key))
      pending.set(key, underWay)
      await underWay
    },
    close: call.close,
  }
}

/** Never 0, which the cache does not accept. */
const sizeOf = (answer: Answered, key: string): number =>
  answer.kind === 'none'
    ? key.length + 1
    : Object.entries(answer.row).reduce(
        (sum, [column, text]) => sum + column.length + text.length,
        key.length + 1,
      )
