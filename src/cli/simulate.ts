import { once } from 'node:events'
import { Command, Option } from 'commander'
import { systemCodeOf } from '../errors.ts'
import { type Simulator, startSimulator } from '../simulator/simulator.ts'
import { wholeNumber } from './option-values.ts'
import { print, printNote } from './output.ts'

interface SimulateOptions {
  readonly host: string
  readonly port: number
  readonly clientId: string
  readonly clientSecret: string
  readonly rateLimit: number
  readonly rateWindowMs: number
  readonly windowPhaseMs: number | 'random'
  readonly latencyMs: number
  readonly lenient?: true
}

/** `genesys-enricher simulate`: runs the built-in Genesys Cloud simulator until SIGINT or SIGTERM. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .description(
      'run a Genesys Cloud simulator: login, conversations and notifications API, rate limits, fault injection',
    )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on, 0 for a free port', wholeNumber(0, 65_535), 9090)
    .option('--client-id <id>', 'OAuth client id to accept', 'demo')
    .option('--client-secret <secret>', 'OAuth client secret to accept', 'demo')
    .option('--rate-limit <calls>', 'calls per window and token', wholeNumber(1), 300)
    .option('--rate-window-ms <ms>', 'length of the rate window', wholeNumber(1), 60_000)
    .option('--window-phase-ms <ms>', 'age of the first rate window at start, or "random"', phase, 'random')
    .option('--latency-ms <ms>', 'delay before each API response', wholeNumber(0, 600_000), 0)
    .option('--strict', 'answer 404 for unknown conversations and participants (default)')
    .addOption(
      new Option('--lenient', 'create unknown conversations and participants on first use').conflicts(
        'strict',
      ),
    )
    .action(async (options: SimulateOptions, command: Command) => {
      if (options.windowPhaseMs !== 'random' && options.windowPhaseMs >= options.rateWindowMs) {
        const message = `error: option '--window-phase-ms <ms>' must be less than --rate-window-ms (${options.rateWindowMs})`
        command.error(message, { exitCode: 2, code: 'commander.invalidArgument' })
      }
      await run(options)
    })
}

async function run({ lenient, ...options }: SimulateOptions): Promise<void> {
  // Subscribe before the start, so that a signal during the start is not lost.
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  let simulator: Simulator
  try {
    simulator = await startSimulator({ ...options, strict: lenient !== true })
  } catch (error) {
    printNote(`error: ${reasonOf(error, options)}\n`)
    process.exitCode = 1
    return
  }
  print(banner(simulator.url, options, lenient ? 'lenient' : 'strict'))
  await stopped
  await simulator.close()
}

function reasonOf(error: unknown, { host, port }: { host: string; port: number }): string {
  const code = systemCodeOf(error, '')
  if (code === 'EADDRINUSE') return `port ${port} on ${host} is in use: choose another with --port`
  if (code === 'EACCES')
    return `port ${port} on ${host} needs privileges this user does not have: choose another with --port`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is not an address of this machine: set --host`
  return error instanceof Error ? error.message : String(error)
}

function banner(
  url: string,
  { clientId, clientSecret, rateLimit, rateWindowMs }: SimulateOptions,
  mode: 'lenient' | 'strict',
): string {
  return `Genesys Cloud simulator on ${url} (${rateLimit} calls per ${rateWindowMs} ms, ${mode})

Point the service at it:
  GENESYS_API_URL=${url}
  GENESYS_LOGIN_URL=${url}
  GENESYS_CLIENT_ID=${clientId}
  GENESYS_CLIENT_SECRET=${clientSecret}

Received calls: ${url}/simulator/calls
Stop with Ctrl+C.
`
}

function phase(text: string): number | 'random' {
  return text === 'random' ? text : wholeNumber(0)(text)
}
