import { type Config, readConfig } from '../config/config.ts'
import { ConfigurationError } from '../errors.ts'
import { openProxy } from '../http/open-proxy.ts'
import { createLogger, type Logger } from '../log/logger.ts'
import { createLookupFailures } from '../lookups/lookup-failures.ts'
import type { Totals } from '../metrics/totals.ts'
import { loadRules, lookupDefaults } from '../rules/load-rules.ts'
import { createRulesInForce, type RulesInForce } from '../rules/rules-in-force.ts'
import { lintMistakes } from '../rules-tooling/lint/lint.ts'
import { createService, type Service, type ServiceDeps } from '../service.ts'

export { ConfigurationError } from '../errors.ts'
export { InboxOpenError } from '../inbox/inbox.ts'

export interface StartOptions {
  /**
   * Settings by the names of docs/configuration.md, such as `GENESYS_CLIENT_ID`. Default: `process.env`. The service reads no
   * other settings, but OpenTelemetry reads `OTEL_*` from `process.env`: values that differ are a problem of the configuration.
   */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Receives each log line, JSON and a line end. Default: standard output. */
  readonly log?: { write(line: string): void }
}

export interface RunningService {
  /** Where it listens: `http://localhost:8080`. */
  readonly url: string
  /** Counts since the start: accepted, duplicates, ignored, rejected, applied, unchanged, dead, calls, rateLimited, undecided. */
  totals(): Readonly<Totals>
  /** Reads rules and tables again. An invalid file changes nothing and is logged. */
  reloadRules(): Promise<'replaced' | 'unchanged' | 'invalid'>
  /** Refuses new events, lets calls under way finish within SHUTDOWN_GRACE_MS, and closes the inbox. Idempotent. */
  stop(): Promise<void>
}

/**
 * Starts the service in this process. Rejects with `ConfigurationError`, whose `problems` name each wrong setting or place in
 * the rules file; with `InboxOpenError` if the inbox cannot be opened; with the system's error if the port cannot be opened.
 */
export async function startService(options: StartOptions = {}): Promise<RunningService> {
  const { service, rules } = await prepareService(options)
  const { url } = await service.start()
  return { url, totals: () => ({ ...service.totals }), reloadRules: rules.reload, stop: service.stop }
}

export interface PreparedService {
  readonly config: Config
  readonly logger: Logger
  readonly rules: RulesInForce
  readonly service: Service
}

/** Everything before the start, so that the command can install its signal handlers first. */
export async function prepareService(
  { environment, log }: StartOptions = {},
  onReport: ServiceDeps['onReport'] = () => {},
): Promise<PreparedService> {
  const read = readConfig(environment)
  if (read.kind === 'invalid')
    throw new ConfigurationError('Cannot start: the configuration is not valid', read.problems)
  const { config } = read
  const logger = createLogger(config.logLevel, log)
  const lookupFailures = createLookupFailures({ log: logger, monotonic: () => performance.now() })
  const lookups = {
    ...lookupDefaults,
    failuresOf: lookupFailures.of,
    proxy: await openProxy(config.proxy),
  }
  const loaded = await loadRules(config.rulesFile, lookups)
  if (loaded.kind === 'invalid')
    throw new ConfigurationError('Cannot start: the rules file is not valid', loaded.problems)
  for (const warning of config.warnings) logger.warn(warning)
  const rules = createRulesInForce({
    file: config.rulesFile,
    loaded,
    lookups,
    log: logger,
    mistakesIn: lintMistakes,
    now: Date.now,
  })
  const service = await createService({
    config,
    rules,
    lookupFailures: lookupFailures.counts,
    logger,
    onReport,
  })
  return { config, logger, rules, service }
}
