import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import type { DeliveryReport } from './deliver/attempt.ts'
import { createCircuitBreaker } from './deliver/circuit-breaker.ts'
import { createDispatcher } from './deliver/deliver.ts'
import { createLimiter } from './deliver/limiter.ts'
import { createPauseGate } from './deliver/pause-gate.ts'
import { createRateBudget } from './deliver/rate-budget.ts'
import type { RuleSet } from './enrich/evaluate.ts'
import { createGenesys } from './genesys/genesys.ts'
import { createRetention } from './inbox/retention.ts'
import { openSqliteInbox } from './inbox/sqlite/sqlite.ts'
import { createAuthenticate } from './ingest/authenticate/authenticate.ts'
import { registerIngest } from './ingest/ingest.ts'
import { registerAdmin } from './operate/admin.ts'
import { registerHealth } from './operate/health.ts'
import type { Logger } from './operate/logger.ts'
import { recordReport } from './operate/reports.ts'
import { createTotals, type Totals } from './operate/totals.ts'
import { createServer } from './server.ts'

export interface Service {
  readonly totals: Readonly<Totals>
  /** Listens and delivers. Rejects if the port cannot be had. */
  start(): Promise<{ readonly url: string }>
  /** Refuses new events, lets what is under way finish within the grace, leaves the rest durable. Idempotent. */
  stop(): Promise<void>
}

export interface ServiceDeps {
  readonly config: Config
  readonly rules: RuleSet
  readonly logger: Logger
  /** Epoch ms. */
  readonly now?: () => number
  /** In [0, 1). */
  readonly random?: () => number
  /** Told of everything that was tried, for who wants to watch: the demo, tests. */
  readonly onReport?: (report: DeliveryReport) => void
}

const lastRequestsMs = 3_000

/** The table of contents: every part, in the order of the data. Throws `InboxOpenError` if the inbox cannot be opened. */
export function createService({
  config,
  rules,
  logger,
  now = Date.now,
  random = Math.random,
  onReport,
}: ServiceDeps): Service {
  const { genesys: api, webhook, delivery } = config
  const monotonic = () => Math.round(performance.timeOrigin + performance.now())
  const totals = createTotals()
  let lifecycle: 'starting' | 'running' | 'draining' = 'starting'

  const inbox = openSqliteInbox({ ...config.inbox, now })
  const retention = createRetention({
    inbox,
    eventMaxAgeMs: delivery.eventMaxAgeMs,
    retentionMs: config.inbox.retentionMs,
    now,
    onExpired: (count) => {
      totals.dead += count
      logger.error({ code: 'expired', count }, 'events were not delivered in time: dead letters')
    },
    onFailure: (error) =>
      logger.error({ code: 'store_unavailable', err: error }, 'the inbox could not be aged'),
  })

  const genesys = createGenesys({ ...api, maxInFlight: delivery.maxInFlight, now })
  const budget = createRateBudget(delivery)
  const limiter = createLimiter({ budget, maxInFlight: delivery.maxInFlight, now: monotonic })
  const gate = createPauseGate(random)
  const circuit = createCircuitBreaker(random)
  const dispatcher = createDispatcher({
    inbox,
    evaluate: rules.evaluate,
    patchAttributes: genesys.patchAttributes,
    limiter,
    gate,
    circuit,
    report: (report) => {
      recordReport(report, totals, logger)
      onReport?.(report)
    },
    log: logger,
    maxInFlight: delivery.maxInFlight,
    eventMaxAgeMs: delivery.eventMaxAgeMs,
    leaseMs: 2 * api.requestTimeoutMs + 30_000,
    defaultPauseMs: delivery.rateWindowMs,
    abort: genesys.close,
    now,
    monotonic,
    random,
  })

  const server = createServer({ logger, maxBodyBytes: webhook.maxBodyBytes, random })
  registerIngest(server, {
    inbox,
    rules: () => rules,
    authenticate: createAuthenticate(webhook),
    maxBodyBytes: webhook.maxBodyBytes,
    maxBatch: webhook.maxBatch,
    draining: () => lifecycle === 'draining',
    totals,
    now,
  })
  registerHealth(server, {
    inbox,
    maxPending: config.inbox.maxPending,
    deliveryState: dispatcher.state,
    lifecycle: () => lifecycle,
  })
  if (config.adminToken !== undefined) {
    registerAdmin(server, {
      adminToken: config.adminToken,
      inbox,
      deliveryState: dispatcher.state,
      budget: () => budget.snapshot(monotonic()),
      totals,
      now,
    })
  }

  let stopping: Promise<void> | undefined
  return {
    totals,
    start: async () => {
      await server.listen({ host: config.http.host, port: config.http.port })
      dispatcher.start()
      retention.start()
      lifecycle = 'running'
      return { url: urlOf(config.http.host, server.server.address()) }
    },
    stop: () => {
      stopping ??= (async () => {
        lifecycle = 'draining'
        await Promise.all([dispatcher.stop(config.shutdownGraceMs), retention.stop()])
        await closeServer(server)
        genesys.close()
        await inbox.close()
      })()
      return stopping
    },
  }
}

/** Requests under way get their answer; a connection that never ends its request is cut. */
async function closeServer(server: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => server.server.closeAllConnections(), lastRequestsMs)
  await server.close()
  clearTimeout(cut)
}

function urlOf(host: string, address: AddressInfo | string | null): string {
  const port = typeof address === 'object' && address !== null ? address.port : ''
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}
