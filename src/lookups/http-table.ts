import dns from 'node:dns'
import type { LookupFunction } from 'node:net'
import { LRUCache } from 'lru-cache'
import { createHttp } from '../http/client.ts'
import { createAddressGuard } from './address-guard.ts'
import { type BreakerState, createCallPolicy } from './call-policy.ts'
import { guardDns } from './guarded-dns.ts'
import type { HttpLookup } from './lookup-schema.ts'
import { createLookupUrl } from './lookup-url.ts'
import { type Answer, type FailureCause, readAnswer } from './read-answer.ts'
import { readHeaders } from './read-headers.ts'
import type { Row } from './table.ts'

/** The cached result for a key; `unknown` if the key must be fetched. */
export type PeekResult =
  | { readonly kind: 'row'; readonly row: Row }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly cause: FailureCause }
  | { readonly kind: 'unknown' }

/** For metrics; contains no keys or values. */
export type HttpTableEvent =
  /** `peek` found a cached row, or a cached absence. */
  | { readonly kind: 'hit' | 'negative' }
  /** `fetch` needed a call; several fetches that share a call count once. */
  | { readonly kind: 'miss' }
  /** A call returned a row, or that there is none. */
  | { readonly kind: 'answered'; readonly ms: number }
  | { readonly kind: 'failure'; readonly cause: FailureCause; readonly status?: number }
  | { readonly kind: 'breaker'; readonly state: BreakerState }

export interface HttpTableDependencies {
  /** The folder of the rules file; header files are relative to it. */
  readonly folder: string
  /** A monotonic clock in milliseconds, above 0. */
  readonly now: () => number
  /** In [0, 1), like Math.random. */
  readonly random: () => number
  readonly onEvent?: (event: HttpTableEvent) => void
  /** Resolves host names; default: the system resolver. */
  readonly dnsLookup?: LookupFunction
}

export interface HttpTable {
  /** undefined: each top-level value of an answer is a column. */
  readonly columns: readonly string[] | undefined
  readonly onError: HttpLookup['onError']
  peek(key: string): PeekResult
  /**
   * Fetches a key unless it is cached; joins a call under way for the same key. Never rejects; afterwards `peek` returns the
   * answer or the failure for at least a second.
   */
  fetch(key: string): Promise<void>
  stats(): HttpTableStats
  /** Aborts the calls under way, which fail, and closes all connections. */
  close(): void
}

export interface HttpTableStats {
  /** Keys with a cached row or absence, including expired ones that were not read since. */
  readonly entries: number
  readonly underWay: number
  readonly waiting: number
  readonly breaker: BreakerState
}

type Answered = Extract<PeekResult, { kind: 'row' | 'none' }>
type Failed = Extract<PeekResult, { kind: 'failed' }>

const maxAnswerBytes = 65_536
/** Characters of all rows together; beyond, the least recently used are removed. */
const maxCachedCharacters = 67_108_864
/** A failure is cached for one to two times this long, so that keys that failed together are not retried together. */
const failureMs = 5_000
/** The same for a refused call. Shorter, because the next call may be accepted. */
const refusalMs = 1_000

/** A table behind an HTTP API: fetches rows by key and caches them. */
export function createHttpTable(definition: HttpLookup, dependencies: HttpTableDependencies): HttpTable {
  const { folder, now, random, onEvent = () => {}, dnsLookup = dns.lookup } = dependencies
  const { timeoutMs, concurrency, maxEntries, allowPrivate, columns } = definition
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
  const policy = createCallPolicy({
    concurrency,
    random,
    onBreaker: (state) => onEvent({ kind: 'breaker', state }),
  })
  const { http, close } = createHttp({
    timeoutMs,
    maxSockets: concurrency,
    maxAnswerBytes,
    lookup: allowPrivate ? dnsLookup : guardDns(dnsLookup, createAddressGuard()),
  })
  let closed = false

  function cached(key: string): PeekResult {
    const found = answers.get(key) ?? failures.get(key)
    if (found !== undefined) return found
    return urlOf(key) === undefined ? { kind: 'none' } : { kind: 'unknown' }
  }

  async function call(url: string): Promise<Answer> {
    if (closed) return { kind: 'failed', cause: 'closed', broken: false }
    const read = await readHeaders(definition.headers, folder)
    if (read.kind === 'invalid') return { kind: 'failed', cause: 'header_file', broken: true }
    // Created before the timeout of the call, so that it ends first.
    const timeout = AbortSignal.timeout(timeoutMs)
    const result = await http({ method: 'GET', url, headers: read.headers })
    if (result.kind === 'failed' && timeout.aborted) return { kind: 'failed', cause: 'timeout', broken: true }
    return readAnswer(result, columns)
  }

  async function fetchRow(key: string, url: string): Promise<void> {
    onEvent({ kind: 'miss' })
    const startedAt = now()
    const outcome = await policy.run(() => call(url))
    if (outcome.kind === 'row' || outcome.kind === 'none') {
      const seconds = outcome.kind === 'row' ? definition.ttlSeconds : definition.negativeTtlSeconds
      const { broken: _, ...answer } = outcome
      answers.set(key, answer, { ttl: seconds * 1_000 })
      failures.delete(key)
      onEvent({ kind: 'answered', ms: now() - startedAt })
      return
    }
    const { cause } = outcome
    const status = outcome.kind === 'failed' ? outcome.status : undefined
    const minMs = outcome.kind === 'refused' ? refusalMs : failureMs
    failures.set(key, { kind: 'failed', cause }, { ttl: Math.ceil(minMs + random() * minMs) })
    onEvent({ kind: 'failure', cause, ...(status !== undefined && { status }) })
  }

  return {
    columns: columns === undefined ? undefined : Object.keys(columns),
    onError: definition.onError,
    peek: (key) => {
      const found = cached(key)
      if (found.kind === 'row') onEvent({ kind: 'hit' })
      if (found.kind === 'none') onEvent({ kind: 'negative' })
      return found
    },
    fetch: async (key) => {
      const url = urlOf(key)
      if (url === undefined || cached(key).kind !== 'unknown') return
      const underWay = pending.get(key) ?? fetchRow(key, url).finally(() => pending.delete(key))
      pending.set(key, underWay)
      await underWay
    },
    stats: () => ({
      entries: answers.size,
      underWay: policy.underWay(),
      waiting: policy.waiting(),
      breaker: policy.breaker(),
    }),
    close: () => {
      closed = true
      close()
    },
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
