import assert from 'node:assert/strict'
import type { Readable } from 'node:stream'
import type { TestContext } from 'node:test'
import { registerAdmin } from '../../src/admin/admin.ts'
import { createAuditTrail } from '../../src/admin/audit.ts'
import type { DeliveryState } from '../../src/deliver/delivery-state.ts'
import { createLastAttempts } from '../../src/deliver/last-attempts.ts'
import { createOperatorPause } from '../../src/deliver/operator-pause.ts'
import type { BudgetSnapshot } from '../../src/deliver/rate-budget.ts'
import { createServer } from '../../src/http/server.ts'
import type { Inbox, NewEvent, Settlement } from '../../src/inbox/inbox.ts'
import { createFailureCounter } from '../../src/ingest/sender-failures.ts'
import { createDetails, createTotals } from '../../src/metrics/totals.ts'
import { openInbox } from '../helpers/ingest-server.ts'
import { captureLog } from '../helpers/log.ts'
import { inForce, rulesOf } from '../helpers/rules.ts'

export const adminToken = 'admin-token'
export const start = Date.parse('2026-02-03T10:00:00Z')

const running: DeliveryState = {
  state: 'running',
  pausedUntil: undefined,
  reason: undefined,
  wedged: false,
  rebuilds: 0,
}

export interface Situation {
  readonly delivery?: DeliveryState
  readonly resetAt?: number
  readonly budget?: Partial<BudgetSnapshot>
  readonly rules?: string
  readonly maxFailures?: number
  readonly wrapInbox?: (inbox: Inbox) => Inbox
}

/** The admin routes on an empty inbox. */
export async function openAdmin(
  t: TestContext,
  {
    delivery = running,
    resetAt,
    budget = {},
    rules = 'version: 1\nrules: []\n',
    maxFailures = 100,
    wrapInbox = (inbox) => inbox,
  }: Situation = {},
) {
  let time = start
  const now = () => time
  const inbox = await openInbox(t, 1_000, now)
  const routed = wrapInbox(inbox)
  const details = createDetails()
  const totals = createTotals(details)
  const { logger, entries } = captureLog()
  const server = createServer({ logger, maxBodyBytes: 10_000, random: () => 0 })
  t.after(() => server.close())
  const ruleSet = rulesOf(rules)
  const operatorPause = createOperatorPause({ inbox: routed, now })
  await operatorPause.load()
  const lastAttempts = createLastAttempts()
  const audit = createAuditTrail(now)
  const live: { open: () => Readable | undefined } = { open: () => undefined }
  registerAdmin(server, {
    adminToken,
    failures: createFailureCounter({ maxFailures, monotonic: now }),
    inbox: routed,
    deliveryState: () => delivery,
    operatorPause,
    budget: () => ({
      allowed: 300,
      remaining: 280,
      own: 15,
      others: 5,
      reserved: 0,
      resetAt,
      assumed: false,
      ...budget,
    }),
    rules: () => ruleSet,
    rulesInForce: inForce(ruleSet, rules),
    lastAttempts,
    audit,
    live,
    totals,
    details,
    undecided: () => [],
    nodes: () => [
      { id: 'host:1', role: 'all', lastSeenAt: now(), delivers: true, rulesVersion: 'abc', isThis: true },
    ],
    ages: { eventMaxAgeMs: 86_400_000, retentionMs: 604_800_000 },
    now,
  })
  const ask = async (
    method: 'GET' | 'POST',
    url: string,
    { body, authorization = `Bearer ${adminToken}` }: { body?: object; authorization?: string } = {},
  ) => {
    const headers = { authorization, 'content-type': 'application/json' }
    const response = await server.inject({
      method,
      url,
      headers,
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    })
    return { status: response.statusCode, body: response.json(), headers: response.headers }
  }
  return {
    server,
    inbox,
    totals,
    details,
    live,
    audit,
    operatorPause,
    now,
    entries,
    get: (url: string, authorization?: string) =>
      ask('GET', url, authorization === undefined ? {} : { authorization }),
    post: (url: string, body?: object) => ask('POST', url, body === undefined ? {} : { body }),
    advance: (ms: number) => {
      time += ms
    },
    /** Stores events and settles the claim of each participant. */
    settle: async (
      events: readonly NewEvent[],
      outcome: (sequence: number) => Settlement['outcomes'][number],
    ): Promise<void> => {
      await inbox.append(events)
      for (const claim of await inbox.claim({ limit: 100, leaseMs: 1_000 })) {
        const attempted = claim.events.map(({ sequence }) => sequence)
        const outcomes = attempted.map(outcome)
        assert.equal(await inbox.settle(claim, { outcomes, attempted }), 'settled')
      }
    },
  }
}
