import { Command, InvalidArgumentError, Option } from 'commander'
import { type Simulator, startSimulator } from '../simulator/simulator.ts'

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

/** `genesys-enricher simulate`: runs the built-in Genesys Cloud simulator until it is told to stop. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .description('run a Genesys Cloud simulator: login and conversations API, rate windows, faults by HTTP')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on, 0 for any free one', wholeNumber(0, 65_535), 9090)
    .option('--client-id <id>', 'OAuth client id to accept', 'demo')
    .option('--client-secret <secret>', 'OAuth client secret to accept', 'demo')
    .option('--rate-limit <calls>', 'calls per window and token', wholeNumber(1), 300)
    .option('--rate-window-ms <ms>', 'length of the rate window', wholeNumber(1), 60_000)
    .option('--window-phase-ms <ms>', 'how far the window has run at start, or "random"', phase, 'random')
    .option('--latency-ms <ms>', 'delay added to each API answer', wholeNumber(0, 600_000), 0)
    .option('--strict', 'unknown conversations and participants answer 404 (default)')
    .addOption(new Option('--lenient', 'create them on first use instead').conflicts('strict'))
    .action(async (options: SimulateOptions, command: Command) => {
      if (options.windowPhaseMs !== 'random' && options.windowPhaseMs >= options.rateWindowMs) {
        const message = `error: option '--window-phase-ms <ms>' must be less than --rate-window-ms (${options.rateWindowMs})`
        command.error(message, { exitCode: 2, code: 'commander.invalidArgument' })
      }
      await run(options)
    })
}

async function run(options: SimulateOptions): Promise<void> {
  // Listened for before the port is open, so that a stop during the start is not lost.
  const stopped = stopSignal()
  const simulator = await start(options)
  if (simulator === undefined) return stopped.ignore()
  process.stdout.write(greeting(simulator.url, options))
  await stopped.promise
  await simulator.close()
}

async function start({ lenient, ...options }: SimulateOptions): Promise<Simulator | undefined> {
  try {
    return await startSimulator({ ...options, strict: lenient !== true })
  } catch (error) {
    process.stderr.write(`error: ${reasonOf(error, options)}\n`)
    process.exitCode = 1
    return undefined
  }
}

function reasonOf(error: unknown, { host, port }: { host: string; port: number }): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') return `port ${port} on ${host} is in use: choose another with --port`
  if (code === 'EACCES')
    return `port ${port} on ${host} may not be opened by this user: choose another with --port`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is no address of this machine: see --host`
  return error instanceof Error ? error.message : String(error)
}

function greeting(url: string, options: SimulateOptions): string {
  const { clientId, clientSecret, rateLimit, rateWindowMs, lenient } = options
  return `Genesys Cloud simulator on ${url} (${rateLimit} calls per ${rateWindowMs} ms, ${lenient ? 'lenient' : 'strict'})

Point the service at it:
  GENESYS_API_URL=${url}
  GENESYS_LOGIN_URL=${url}
  GENESYS_CLIENT_ID=${clientId}
  GENESYS_CLIENT_SECRET=${clientSecret}

What it was asked to do: ${url}/simulator/calls
Stop it with Ctrl+C.
`
}

/** The first SIGINT or SIGTERM. After it, or after `ignore()`, signals have their usual effect again. */
function stopSignal(): { readonly promise: Promise<void>; ignore(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = () => {
    ignore()
    resolve()
  }
  const ignore = () => {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return { promise, ignore }
}

function phase(text: string): number | 'random' {
  return text === 'random' ? text : wholeNumber(0)(text)
}

function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (/^\d+$/.test(text) && number >= least && number <= most) return number
    const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`
    throw new InvalidArgumentError(`It must be a whole number, ${range}.`)
  }
}
