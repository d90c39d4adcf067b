import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { createAddressFilter } from '../../src/http/networks.ts'
import { createServer } from '../../src/http/server.ts'
import type { Inbox } from '../../src/inbox/inbox.ts'
import { openSqliteInbox } from '../../src/inbox/sqlite/sqlite.ts'
import { createArrivals } from '../../src/ingest/arrivals.ts'
import {
  type AuthenticationOptions,
  createAuthentication,
} from '../../src/ingest/authenticate/authenticate.ts'
import { registerIngest, webhookPath } from '../../src/ingest/ingest.ts'
import { createIntake } from '../../src/ingest/intake.ts'
import { createPressure, type Pressure, type PressureOptions } from '../../src/ingest/pressure.ts'
import { createFailureCounter } from '../../src/ingest/sender-failures.ts'
import { createDetails, createTotals, type Details, type Totals } from '../../src/metrics/totals.ts'
import type { RuleSet } from '../../src/rules/evaluate.ts'
import { temporaryFolder } from './folder.ts'
import { type CapturedLog, captureLog } from './log.ts'
import { oneRule, rulesOf } from './rules.ts'

export const token = 'relay-token'

export interface IngestServerOptions {
  readonly rules?: RuleSet
  readonly auth?: Partial<AuthenticationOptions>
  readonly maxPending?: number
  readonly maxBodyBytes?: number
  readonly maxBatch?: number
  readonly draining?: () => boolean
  /** Default: true. */
  readonly takesEvents?: boolean
  readonly maxFailures?: number
  readonly allowed?: readonly string[]
  readonly trustProxy?: number | readonly string[]
  readonly onAuthenticated?: (scheme: string, position: number) => void
  readonly confirmSubscription?: (confirmation: Readonly<Record<string, unknown>>) => void
  readonly onKeysUnavailable?: (scheme: string, cause: string) => void
  readonly pressure?: Partial<PressureOptions>
  readonly now?: () => number
  readonly random?: () => number
  /** Wraps or replaces the inbox. */
  readonly wrapInbox?: (inbox: Inbox) => Inbox
}

export interface IngestServer {
  readonly server: FastifyInstance
  readonly inbox: Inbox
  readonly totals: Totals
  readonly details: Details
  readonly log: CapturedLog
  /** Not started; the test starts it. */
  readonly pressure: Pressure
  /** Posts a body (strings and buffers unchanged, other values as JSON) with a relay's token. */
  post(body: unknown, headers?: Record<string, string>): Promise<LightMyRequestResponse>
}

/** A real inbox in a temporary file, closed after the test. */
export async function openInbox(t: TestContext, maxPending: number, now: () => number): Promise<Inbox> {
  const inbox = openSqliteInbox({ file: join(await temporaryFolder(t), 'inbox.db'), maxPending, now })
  t.after(() => inbox.close())
  return inbox
}

/** A server with only the webhook route and a real inbox, without delivery. */
export async function startIngest(t: TestContext, options: IngestServerOptions = {}): Promise<IngestServer> {
  const { maxBodyBytes = 1_048_576, maxBatch = 500, maxPending = 1_000_000, random = Math.random } = options
  const now = options.now ?? (() => 1_770_000_000_000)
  const rules = options.rules ?? rulesOf(oneRule('on: [conversation:created], set: { seen: true }'))
  const inbox = await openInbox(t, maxPending, now)
  const log = captureLog()
  const details = createDetails()
  const totals = createTotals(details)
  const server = createServer({ logger: log.logger, maxBodyBytes, random, trustProxy: options.trustProxy })
  t.after(() => server.close())
  const pressure = createPressure({ maxBodyBytes, log: log.logger, monotonic: now, ...options.pressure })
  t.after(() => pressure.stop())
  const auth = { auth: 'required' as const, secrets: [], tokens: [token], ...options.auth }
  registerIngest(server, {
    takesEvents: options.takesEvents ?? true,
    arrivals: createArrivals(now),
    accept: createIntake({
      inbox: options.wrapInbox?.(inbox) ?? inbox,
      rules: () => rules,
      totals,
      details,
      maxUnpackedBytes: maxBodyBytes,
    }),
    confirmSubscription: options.confirmSubscription ?? (() => {}),
    authentication: createAuthentication(auth),
    pressure,
    failures: createFailureCounter({ maxFailures: options.maxFailures ?? 0, monotonic: now }),
    allowed: createAddressFilter(options.allowed ?? []),
    onAuthenticated: options.onAuthenticated ?? (() => {}),
    onKeysUnavailable: options.onKeysUnavailable ?? (() => {}),
    onAnswered: () => {},
    maxBodyBytes,
    maxBatch,
    draining: options.draining ?? (() => false),
    now,
  })
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    server.inject({
      method: 'POST',
      url: webhookPath,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      payload: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    } satisfies InjectOptions)
  return { server, inbox, totals, details, log, pressure, post }
}
