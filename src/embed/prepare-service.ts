import { type Config, readConfig } from '../config/config.ts'
import { ConfigurationError } from '../errors.ts'
import { openProxy } from '../http/open-proxy.ts'
import { createLogger, type Logger } from '../log/logger.ts'
import { createLookupFailures } from '../lookups/lookup-failures.ts'
import { loadRules, lookupDefaults } from '../rules/load-rules.ts'
import { createRulesInForce, type RulesInForce } from '../rules/rules-in-force.ts'
import { lintMistakes } from '../rules-tooling/lint/lint.ts'
import { createService, type Service, type ServiceDeps } from '../service.ts'

/** Where the service takes its settings from, and where it writes its log. */
export interface StartOptions {
  /**
   * Settings by the names of docs/configuration.md, such as `GENESYS_CLIENT_ID`. Default: `process.env`. Exceptions: OpenTelemetry
   * reads `OTEL_*` and the AWS SDK `AWS_*` only from `process.env`. So these settings must equal those of the process; the start
   * fails otherwise.
   */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Receives each log line, JSON and a line end. Default: standard output. */
  readonly log?: { write(line: string): void }
}

export interface PreparedService {
  readonly config: Config
  readonly logger: Logger
  readonly rules: RulesInForce
  readonly service: Service
}

/**
 * Reads settings and rules, opens the inbox and builds the service. It does not listen yet, so that a caller can install its
 * signal handlers before the start. Rejects with `ConfigurationError` or `InboxOpenError`.
 */
export async function prepareService(
  { environment, log: output }: StartOptions = {},
  onReport?: ServiceDeps['onReport'],
): Promise<PreparedService> {
  const read = readConfig(environment)
  if (read.kind === 'invalid')
    throw new ConfigurationError('Cannot start: the configuration is not valid', read.problems)
  const { config } = read
  const logger = createLogger(config.logLevel, output)
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
    ...(onReport && { onReport }),
  })
  return { config, logger, rules, service }
}
