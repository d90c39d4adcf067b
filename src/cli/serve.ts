import { Command } from 'commander'
import { type Config, loadEnvFile, readConfig } from '../config/config.ts'
import { version } from '../config/version.ts'
import { ConfigurationError } from '../errors.ts'
import { createLogger, type Logger } from '../log/logger.ts'
import { loadRules } from '../rules/load-rules.ts'
import { createRulesInForce } from '../rules/rules-in-force.ts'
import { lintMistakes } from '../rules-tooling/lint/lint.ts'
import { createService, type Service } from '../service.ts'

export const serveCommand = (): Command =>
  new Command('serve').description('run the service; the environment configures it').action(serve)

async function serve(): Promise<void> {
  const config = requireConfig()
  const loaded = await loadRules(config.rulesFile)
  if (loaded.kind === 'invalid') {
    throw new ConfigurationError('Cannot start: the rules file is not valid', loaded.problems)
  }
  const logger = createLogger(config.logLevel)
  for (const warning of config.warnings) logger.warn(warning)
  const rules = createRulesInForce({
    file: config.rulesFile,
    loaded,
    log: logger,
    mistakesIn: lintMistakes,
    now: Date.now,
  })
  const service = await createService({ config, rules, logger })
  process.on('SIGHUP', () => void rules.reload())
  stopOnSignals(service, logger)
  const { url } = await service.start()
  const { profile, apiUrl } = config.genesys
  logger.info({ url, version, rules: loaded.rules.names.length, profile, apiUrl }, 'listening')
}

function requireConfig(): Config {
  loadEnvFile()
  const result = readConfig()
  if (result.kind === 'ok') return result.config
  throw new ConfigurationError('Cannot start: the configuration is not valid', result.problems)
}

/**
 * A second signal does not end the drain early: on Ctrl-C the terminal and npm both send one.
 * SIGKILL ends the process at once, and no accepted event is lost.
 */
function stopOnSignals(service: Service, logger: Logger): void {
  const stop = async (exitCode: number): Promise<void> => {
    try {
      await service.stop()
      logger.info('stopped')
      process.exit(exitCode)
    } catch (error) {
      logger.fatal({ err: error }, 'shutdown failed')
      process.exit(1)
    }
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      logger.info({ signal }, 'draining')
      void stop(0)
    })
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      logger.fatal({ err: error }, 'unexpected error: shutting down')
      void stop(1)
    })
  }
}
