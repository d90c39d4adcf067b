import { registerAdmin } from './admin/admin.ts'
import { openLive } from './admin/live/open-live.ts'
import type { Config } from './config/config.ts'
import { registerDashboard } from './dashboard/dashboard.ts'
import type { DeliveryReport } from './deliver/attempt.ts'
import { createDelivery } from './deliver/deliver.ts'
import { createLastAttempts } from './deliver/last-attempts.ts'
import { createOperatorPause } from './deliver/operator-pause.ts'
import { traceCalls } from './genesys/trace-calls.ts'
import { registerHealth } from './health/health.ts'
import { createHealthReport } from './health/health-report.ts'
import { createAddressFilter } from './http/networks.ts'
import { openProxy } from './http/open-proxy.ts'
import { registerOpenApi } from './http/openapi.ts'
import { closeServer, createServer, openServer, urlOf } from './http/server.ts'
import { openTls } from './http/tls.ts'
import type { Inbox, InboxOptions } from './inbox/inbox.ts'
import { openInbox as openInboxByUrl } from './inbox/open-inbox.ts'
import { reportSavedCopies } from './inbox/report-saved-copies.ts'
import { createRetention } from './inbox/retention.ts'
import { createStartWhenOpen } from './inbox/start-when-open.ts'
import { createThisNode } from './inbox/this-node.ts'
import { createArrivals } from './ingest/arrivals.ts'
import { createOddFieldLog } from './ingest/envelopes/odd-fields.ts'
import { registerIngest } from './ingest/ingest.ts'
import { createIntake } from './ingest/intake.ts'
import { openAuthentication } from './ingest/open-authentication.ts'
import { createPressure } from './ingest/pressure.ts'
import { createFailureCounter } from './ingest/sender-failures.ts'
import { createRequestTraces } from './ingest/trace-requests.ts'
import { logInboxNotices } from './log/inbox-notices.ts'
import type { Logger } from './log/logger.ts'
import { withTraces } from './log/rule-traces.ts'
import { createUndecidedRules } from './log/undecided-rules.ts'
import type { LookupFailureCount } from './lookups/lookup-failures.ts'
import { createMetrics, registerMetrics } from './metrics/metrics.ts'
import { reportDelivery } from './metrics/report-delivery.ts'
import { reportRetention } from './metrics/report-retention.ts'
import { createDetails, createTotals, type Totals } from './metrics/totals.ts'
import type { RulesInForce } from './rules/rules-in-force.ts'
import { openSources } from './sources/open-sources.ts'
import { startTracing } from './tracing/start-tracing.ts'

export interface Service {
  readonly totals: Readonly<Totals>
  /** Resolves with the error if the inbox turns out, after the start, not to be usable. */
  readonly failed: Promise<unknown>
  /** Listens and delivers. Rejects if the port cannot be opened; everything is then released. */
  start(): Promise<{ readonly url: string }>
  /** Refuses new events and lets calls under way finish within the grace; the rest stays in the inbox. Idempotent. */
  stop(): Promise<void>
}

export interface ServiceDeps {
  readonly config: Config
  /** Started and stopped with the service. */
  readonly rules: RulesInForce
  /** The failed HTTP lookups of these rules, for the metrics. */
  readonly lookupFailures?: () => readonly LookupFailureCount[]
  readonly logger: Logger
  /** Epoch ms. */
  readonly now?: () => number
  /** In [0, 1). */
  readonly random?: () => number
  /** Throws `InboxOpenError`. */
  readonly openInbox?: (options: InboxOptions) => Promise<Inbox>
  /** Called for each recorded attempt: for the demo and tests. */
  readonly onReport?: (report: DeliveryReport) => void
}

/**
 * The table of contents: builds every part in the order of the data. Rejects with `InboxOpenError` if the inbox cannot be
 * opened, with `ConfigurationError` if the TLS files are not valid.
 */
export async function createService({
  config,
  rules,
  lookupFailures = () => [],
  logger,
  now = Date.now,
  random = Math.random,
  openInbox = openInboxByUrl,
  onReport,
}: ServiceDeps): Promise<Service> {
  const { webhook, http, dryRun, adminToken } = config
  const { maxBodyBytes } = webhook
  const monotonic = () => Math.round(performance.timeOrigin + performance.now())
  const clocks = { now, monotonic }
  const details = createDetails()
  const totals = createTotals(details)
  let lifecycle: 'starting' | 'running' | 'draining' = 'starting'
  const tls = http.tls && openTls({ files: http.tls, logger })
  const proxy = await openProxy(config.proxy)
  const tracer = await startTracing(config.tracing, { log: logger, monotonic })

  const arrivals = createArrivals(monotonic)
  const node = createThisNode({ ...config.node, rules, now })
  const inbox = await openInbox({
    ...config.inbox,
    ...clocks,
    node,
    client: config.genesys.clientId || undefined,
    moreExpected: arrivals.expected,
    ...logInboxNotices(logger),
  })
  await reportSavedCopies(config.inbox.url, logger)
  const { eventMaxAgeMs } = config.delivery
  const ages = { eventMaxAgeMs, retentionMs: config.inbox.retentionMs }
  const retention = createRetention({ inbox, ...ages, now, ...reportRetention({ details, log: logger }) })

  const oddFields = createOddFieldLog(logger)
  const intake = { inbox, rules: rules.current, totals, details, oddFields, tracer }
  const accept = createIntake({ ...intake, maxUnpackedBytes: webhook.maxBodyBytes })

  const undecided = createUndecidedRules({ log: logger, rulesVersion: () => rules.current().version })
  const operatorPause = createOperatorPause({ inbox, now, onResumed: () => delivery.wake() })
  const lastAttempts = createLastAttempts()
  const delivery = createDelivery({
    client: {
      ...config.genesys,
      proxy,
      traced: tracer && ((http) => traceCalls(http, { ...config.tracing, tracer })),
    },
    limits: config.delivery,
    inbox,
    rules: () => withTraces(rules.current(), logger),
    dryRun,
    operatorPause: operatorPause.current,
    tracer,
    report: (report) => {
      const onApplied: typeof metrics.applied = (...delay) =>
        [metrics, live].forEach((part) => void part.applied(...delay))
      reportDelivery(report, { totals, details, onApplied, undecided, logger, dryRun, eventMaxAgeMs, now })
      lastAttempts.note(report)
      onReport?.(report)
    },
    log: logger,
    ...clocks,
    random,
  })

  const source = { accept, log: logger, ...clocks, random, proxy }
  const sources = await openSources(config, { ...source, api: delivery.notifications })

  const senders = await openAuthentication(webhook, { counts: details, proxy, log: logger, ...clocks })
  const pressure = createPressure({ maxBodyBytes, log: logger, monotonic })
  const status = {
    inbox,
    maxPending: config.inbox.maxPending,
    deliveryState: delivery.state,
    budget: delivery.budget,
    rules: rules.status,
    ...sources.status,
    pressure: pressure.status,
    totals,
    details,
    undecided: undecided.counts,
    nodes: () => node.all(inbox),
    ages,
    now,
  }
  const metrics = createMetrics({
    ...status,
    delivers: () => node.delivers(inbox),
    oddFields: oddFields.counts,
    keysUnavailable: senders.keysUnavailable,
    ruleNames: () => rules.current().names,
    lookupFailures,
  })
  const health = createHealthReport({ ...status, dryRun, lifecycle: () => lifecycle })
  const live = openLive({ ...status, health, adminToken, log: logger, random })
  const server = createServer({ logger, maxBodyBytes, trustProxy: http.trustProxy, tls, random })
  registerOpenApi(server) // before the routes, which it describes
  registerIngest(server, {
    accept,
    ...senders,
    arrivals,
    pressure,
    failures: createFailureCounter({ maxFailures: webhook.maxFailures, monotonic }),
    allowed: createAddressFilter(webhook.allowedNetworks),
    maxBodyBytes,
    maxBatch: webhook.maxBatch,
    takesEvents: node.role !== 'deliver',
    draining: () => lifecycle === 'draining',
    onAnswered: metrics.answered,
    traces: tracer && createRequestTraces({ tracer, now }),
    now,
  })
  registerMetrics(server, metrics)
  registerHealth(server, health)
  registerAdmin(server, {
    ...status,
    ...live,
    adminToken,
    failures: createFailureCounter({ maxFailures: webhook.maxFailures, monotonic }),
    operatorPause,
    rules: rules.current,
    rulesInForce: rules,
    lastAttempts,
  })
  registerDashboard(server, config)

  const parts = [delivery, retention, sources]
  const processing = createStartWhenOpen({ inbox, load: operatorPause.load, parts })

  async function stop(): Promise<void> {
    lifecycle = 'draining'
    processing.stop()
    const grace = config.shutdownGraceMs
    const graceEndsAt = monotonic() + grace
    await Promise.all([sources.stop(grace), delivery.stop(grace), retention.stop()])
    senders.close()
    await Promise.all([live.stop(), rules.stop()]) // rules after delivery, which needs their lookups
    await closeServer(server)
    for (const part of [pressure, metrics]) part.stop()
    delivery.close()
    try {
      await inbox.close()
    } finally {
      await tracer?.stop(Math.max(0, graceEndsAt - monotonic()))
    }
  }

  let stopped: Promise<void> | undefined
  const stopOnce = () => {
    stopped ??= stop()
    return stopped
  }
  return {
    totals,
    failed: processing.failed,
    start: async () => {
      try {
        await openServer(server, http)
        for (const part of [pressure, metrics, live, rules]) part.start()
        await processing.start()
      } catch (error) {
        await stopOnce() // releases what would keep the process alive and the inbox locked
        throw error
      }
      lifecycle = 'running'
      return { url: urlOf(server, http.host) }
    },
    stop: stopOnce,
  }
}
