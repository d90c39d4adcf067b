import { setFlagsFromString } from 'node:v8'
import { Command } from 'commander'
import { loadEnvFile } from '../config/config.ts'
import { version } from '../config/version.ts'
import { InboxOpenError } from '../inbox/inbox.ts'
import type { Logger } from '../log/logger.ts'
import type { Service } from '../service.ts'

export const serveCommand = (): Command =>
  new Command('serve').description('run the service; the environment configures it').action(serve)

async function serve(): Promise<void> {
  // The garbage of the start would enlarge V8's young generation by 25 MB, which an idle process never gives back.
  setFlagsFromString('--semi-space-growth-factor=1')
  loadEnvFile()
  const { prepareService } = await import('../embed/prepare-service.ts')
  const { config, logger, rules, service } = await prepareService()
  process.on('SIGHUP', () => void rules.reload())
  const stop = stopOnSignals(service, logger)
  void service.failed.then((error) => {
    logger.fatal(
      { code: 'store_unavailable', cause: messageOf(error) },
      'the inbox cannot be opened: shutting down',
    )
    void stop(2)
  })
  const { url } = await service.start()
  setFlagsFromString('--semi-space-growth-factor=2') // V8's default
  const { profile, apiUrl } = config.genesys
  logger.info({ url, version, rules: rules.status().rules, profile, apiUrl }, 'listening')
}

/**
 * A second signal does not end the drain early: on Ctrl-C the terminal and npm both send one.
 * SIGKILL ends the process at once, and no accepted event is lost.
 */
function stopOnSignals(service: Service, logger: Logger): (exitCode: number) => Promise<void> {
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
  return stop
}

const messageOf = (error: unknown): string =>
  error instanceof InboxOpenError ? error.message : 'unexpected error'
