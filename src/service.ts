import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import type { DeliveryReport } from './deliver/attempt.ts'
import { createCircuitBreaker } from './deliver/circuit-breaker.ts'
import { createConversations } from './deliver/conversations.ts'
import { createDispatcher } from './deliver/deliver.ts'
import { createLimiter } from './deliver/limiter.ts'
import { createPauseGate } from './deliver/pause-gate.ts'
import { createRateBudget } from './deliver/rate-budget.ts'
import type { RulesInForce } from './enrich/rules-in-force.ts'
import { createGenesys } from './genesys/genesys.ts'
import type { Inbox } from './inbox/inbox.ts'
import { createRetention } from './inbox/retention.ts'
import { openSqliteInbox, type SqliteInboxOptions } from './inbox/sqlite/sqlite.ts'
import { createAuthenticate } from './ingest/authenticate/authenticate.ts'
import { createNeedsBody } from './ingest/authenticate/before-body.ts'
import { createFailures } from './ingest/failures.ts'
import { registerIngest } from './ingest/ingest.ts'
import { createIntake } from './ingest/intake.ts'
import { createAllowed } from './ingest/networks.ts'
import { createOddFieldLog } from './ingest/odd-field-log.ts'
import { createPressure } from './ingest/pressure.ts'
import { createNotifications } from './notifications/notifications.ts'
import { createConnect } from './notifications/socket.ts'
import { registerAdmin } from './operate/admin.ts'
import { credentialUse, expectUses } from './operate/auth-family.ts'
import { registerMetrics } from './operate/exposition.ts'
import { registerHealth } from './operate/health.ts'
import type { Logger } from './operate/logger.ts'
import { createMetrics } from './operate/metrics.ts'
import { registerOpenApi } from './operate/openapi.ts'
import { recordReport } from './operate/reports.ts'
import { withTraces } from './operate/rule-traces.ts'
import { count, createDetails, createTotals, type Totals } from './operate/totals.ts'
import { createServer } from './server.ts'
import { openTls } from './tls.ts'

export interface Service {
  readonly totals: Readonly<Totals>
  /** Listens and delivers. Rejects if the port cannot be had. */
  start(): Promise<{ readonly url: string }>
  /** Refuses new events, lets what is under way finish within the grace, leaves the rest durable. Idempotent. */
  stop(): Promise<void>
}

export interface ServiceDeps {
  readonly config: Config
  /** Started and stopped with the service. */
  readonly rules: RulesInForce
  readonly logger: Logger
  /** Epoch ms. */
  readonly now?: () => number
  /** In [0, 1). */
  readonly random?: () => number
  /** Throws `InboxOpenError`. */
  readonly openInbox?: (options: SqliteInboxOptions) => Inbox
  /** Told of everything that was tried, for who wants to watch: the demo, tests. */
  readonly onReport?: (report: DeliveryReport) => void
}

const lastRequestsMs = 3_000

/** The table of contents: every part, in the order of the data. Throws `InboxOpenError` if the inbox cannot be opened, `ConfigurationError` if the TLS files are not valid. */
export function createService({
  config,
  rules,
  logger,
  now = Date.now,
  random = Math.random,
  openInbox = openSqliteInbox,
  onReport,
}: ServiceDeps): Service {
  const { genesys: api, webhook, delivery } = config
  const monotonic = () => Math.round(performance.timeOrigin + performance.now())
  const details = createDetails()
  const totals = createTotals(details)
  let lifecycle: 'starting' | 'running' | 'draining' = 'starting'

  expectUses(details.credentials, webhook)
  const { tls: files, trustProxy } = config.http
  const tls = files === undefined ? undefined : openTls({ files, logger })
  const inbox = openInbox({ ...config.inbox, now, monotonic })
  const retention = createRetention({
    inbox,
    eventMaxAgeMs: delivery.eventMaxAgeMs,
    retentionMs: config.inbox.retentionMs,
    now,
    onExpired: (expired) => {
      count(details.dead, 'expired', expired)
      logger.error({ code: 'expired', count: expired }, 'events were not delivered in time: dead letters')
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
    rules: () => withTraces(rules.current(), logger),
    conversations: createConversations({ readParticipants: genesys.readParticipants, now }),
    patchAttributes: genesys.patchAttributes,
    limiter,
    gate,
    circuit,
    report: (report) => {
      recordReport(report, { totals, details, onApplied: metrics.applied, logger, now })
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

  const oddFields = createOddFieldLog({ log: logger })
  const { queues, topics } = config.notifications
  const notifications =
    queues.length + topics.length === 0
      ? undefined
      : createNotifications({
          queues,
          topics,
          api: genesys.notifications,
          connect: createConnect({
            timeoutMs: api.requestTimeoutMs,
            allowPlain: api.apiUrl.startsWith('http:'),
          }),
          accept: createIntake({ inbox, rules: rules.current, totals, oddFields }),
          log: logger,
          now,
          monotonic,
          random,
        })

  const pressure = createPressure({ maxBodyBytes: webhook.maxBodyBytes, log: logger, monotonic })
  const metrics = createMetrics({
    totals,
    details,
    inbox,
    maxPending: config.inbox.maxPending,
    deliveryState: dispatcher.state,
    rules: rules.status,
    notifications: notifications?.status,
    pressure: pressure.status,
    oddFields: oddFields.counts,
    budget: () => budget.snapshot(monotonic()),
    now,
  })

  const server = createServer({ logger, maxBodyBytes: webhook.maxBodyBytes, trustProxy, tls, random })
  registerOpenApi(server) // first: it describes the routes that follow
  registerIngest(server, {
    inbox,
    rules: rules.current,
    authenticate: createAuthenticate(webhook),
    needsBody: createNeedsBody(webhook),
    pressure,
    failures: createFailures({ maxFailures: webhook.maxFailures, monotonic }),
    allowed: createAllowed(webhook.allowedNetworks),
    onAuthenticated: (scheme, position) => count(details.credentials, credentialUse(scheme, position)),
    maxBodyBytes: webhook.maxBodyBytes,
    maxBatch: webhook.maxBatch,
    draining: () => lifecycle === 'draining',
    totals,
    oddFields,
    onAnswered: metrics.answered,
    now,
  })
  registerMetrics(server, metrics)
  registerHealth(server, {
    inbox,
    maxPending: config.inbox.maxPending,
    deliveryState: dispatcher.state,
    rules: rules.status,
    notifications: notifications?.status,
    pressure: pressure.status,
    lifecycle: () => lifecycle,
    now,
  })
  registerAdmin(server, {
    adminToken: config.adminToken,
    inbox,
    deliveryState: dispatcher.state,
    budget: () => budget.snapshot(monotonic()),
    rules: rules.current,
    totals,
    now,
  })

  let stopping: Promise<void> | undefined
  return {
    totals,
    start: async () => {
      await server.listen({ host: config.http.host, port: config.http.port })
      pressure.start()
      metrics.start()
      dispatcher.start()
      retention.start()
      rules.start()
      notifications?.start()
      lifecycle = 'running'
      return { url: urlOf(tls === undefined ? 'http' : 'https', config.http.host, server.server.address()) }
    },
    stop: () => {
      stopping ??= (async () => {
        lifecycle = 'draining'
        const grace = config.shutdownGraceMs
        await Promise.all([notifications?.stop(grace), dispatcher.stop(grace), retention.stop()])
        await rules.stop() // not before: what is decided without its lookups would be decided wrongly
        await closeServer(server)
        pressure.stop()
        metrics.stop()
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

function urlOf(scheme: string, host: string, address: AddressInfo | string | null): string {
  const port = typeof address === 'object' && address !== null ? address.port : ''
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `${scheme}://${name.includes(':') ? `[${name}]` : name}:${port}`
}
