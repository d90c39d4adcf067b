import dns from 'node:dns'
import type { LookupFunction } from 'node:net'
import { LRUCache } from 'lru-cache'
import { createHttp } from '../http/client.ts'
import { createAddressGuard } from './address-guard.ts'
import { type Answer, type FailureCause, readAnswer } from './answer.ts'
import { type BreakerState, createCallPolicy } from './call-policy.ts'
import { guardDns } from './guarded-dns.ts'
import { readHeaders } from './header-values.ts'
import type { HttpLookup } from './lookup-schema.ts'
import { createLookupUrl } from './lookup-url.ts'
import type { Row } from './table.ts'

/** What is known of a key right now, without asking anybody. */
export type Known =
  | { readonly kind: 'row'; readonly row: Row }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly cause: FailureCause }
  | { readonly kind: 'unknown' }

/** For metrics; without keys and values. */
export type HttpTableEvent =
  /** `peek` knew a row, or that there is none. */
  | { readonly kind: 'hit' | 'negative' }
  /** `fetch` had to ask; several that wait for one call are one miss. */
  | { readonly kind: 'miss' }
  /** A call was answered with a row, or with that there is none. */
  | { readonly kind: 'answered'; readonly ms: number }
  | { readonly kind: 'failure'; readonly cause: FailureCause; readonly status?: number }
  | { readonly kind: 'breaker'; readonly state: BreakerState }

export interface HttpTableDependencies {
  /** Of the rules file; where files of headers are looked for. */
  readonly folder: string
  /** Milliseconds above 0, of which only differences matter; a clock that never jumps is best. */
  readonly now: () => number
  /** In [0, 1), like Math.random. */
  readonly random: () => number
  readonly onEvent?: (event: HttpTableEvent) => void
  /** Finds the addresses of names; the system's own unless given. */
  readonly dnsLookup?: LookupFunction
}

export interface HttpTable {
  /** undefined: all that the answers have at their top. */
  readonly columns: readonly string[] | undefined
  readonly onError: HttpLookup['onError']
  peek(key: string): Known
  /**
   * Asks for a key unless it is known or asked for already. Never rejects; afterwards `peek` knows the answer or the
   * failure for at least a second.
   */
  fetch(key: string): Promise<void>
  stats(): HttpTableStats
  /** Ends the calls under way, which fail, and all connections. */
  close(): void
}

export interface HttpTableStats {
  /** Keys whose row, or absence, is remembered; those that have run out are counted until they are looked at. */
  readonly entries: number
  readonly underWay: number
  readonly waiting: number
  readonly breaker: BreakerState
}

type Answered = Extract<Known, { kind: 'row' | 'none' }>
type Failed = Extract<Known, { kind: 'failed' }>

const maxAnswerBytes = 65_536
/** All rows together, in characters; what is beyond is forgotten, the longest unused first. */
const maxCachedCharacters = 67_108_864
/** A failure is remembered for this long to twice as long: keys that failed together are not asked for together again. */
const failureMs = 5_000
/** The same, of a call that was not made: whether the next one is made is decided anew. */
const refusalMs = 1_000

/** Facts that another system knows, asked for key by key and remembered for a while. */
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
  // Apart, so that an outage does not push out what is known.
  const failures = new LRUCache<string, Failed>({ ...clock, max: maxEntries })
  const asked = new Map<string, Promise<void>>()
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

  function known(key: string): Known {
    const found = answers.get(key) ?? failures.get(key)
    if (found !== undefined) return found
    return urlOf(key) === undefined ? { kind: 'none' } : { kind: 'unknown' }
  }

  async function call(url: string): Promise<Answer> {
    if (closed) return { kind: 'failed', cause: 'closed', broken: false }
    const read = await readHeaders(definition.headers, folder)
    if (read.kind === 'invalid') return { kind: 'failed', cause: 'header_file', broken: true }
    // Begun before that of the call, so that it ends before it.
    const patience = AbortSignal.timeout(timeoutMs)
    const result = await http({ method: 'GET', url, headers: read.headers })
    if (result.kind === 'failed' && patience.aborted)
      return { kind: 'failed', cause: 'timeout', broken: true }
    return readAnswer(result, columns)
  }

  async function ask(key: string, url: string): Promise<void> {
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
    const leastMs = outcome.kind === 'refused' ? refusalMs : failureMs
    failures.set(key, { kind: 'failed', cause }, { ttl: Math.ceil(leastMs + random() * leastMs) })
    onEvent({ kind: 'failure', cause, ...(status !== undefined && { status }) })
  }

  return {
    columns: columns === undefined ? undefined : Object.keys(columns),
    onError: definition.onError,
    peek: (key) => {
      const found = known(key)
      if (found.kind === 'row') onEvent({ kind: 'hit' })
      if (found.kind === 'none') onEvent({ kind: 'negative' })
      return found
    },
    fetch: async (key) => {
      const url = urlOf(key)
      if (url === undefined || known(key).kind !== 'unknown') return
      const underWay = asked.get(key) ?? ask(key, url).finally(() => asked.delete(key))
      asked.set(key, underWay)
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

/** Never 0, which the cache does not take. */
const sizeOf = (known: Answered, key: string): number =>
  known.kind === 'none'
    ? key.length + 1
    : Object.entries(known.row).reduce(
        (sum, [column, text]) => sum + column.length + text.length,
        key.length + 1,
      )
