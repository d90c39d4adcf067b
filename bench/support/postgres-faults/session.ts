import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Owner } from '../../../test/helpers/folder.ts'
import { startInProcess } from '../../../test/helpers/in-process.ts'
import { role } from '../../../test/helpers/postgres.ts'
import type { ServerProcess } from '../../../test/helpers/postgres-process.ts'
import {
  createConversations,
  type RunningService,
  setUp,
  startService,
} from '../../../test/helpers/process.ts'
import { until } from '../../../test/helpers/wait.ts'
import type { Fault, FaultResult } from './fault.ts'
import { type LoadOptions, startLoad } from './load.ts'

export interface SessionOptions {
  readonly url: string
  readonly schema: string
  /** The server that has the events now. */
  readonly server: () => ServerProcess
  readonly load: LoadOptions
  /** How long each fault lasts after the service noticed it, unless the fault needs longer. */
  readonly holdMs: number
  /** The service runs in this process, together with the load and the simulator. Default: in a process of its own. */
  readonly inProcess?: boolean
}

/** The most connections of one process. */
const maxConnections = 8
/** A process that spins uses a whole core. The constant is for short faults. */
const mayUseCpuMs = (elapsedMs: number): number => 0.6 * elapsedMs + 500

/** A service under load, on which faults follow each other. */
export async function startSession(owner: Owner, options: SessionOptions) {
  const { url, schema, server, holdMs } = options
  const { environment, simulator } = await setUp(owner, { rateLimit: 1_000_000 })
  createConversations(simulator, options.load.participants)
  const start = options.inProcess ? startHere : startProcess
  const service = await start(owner, { ...environment, STORE_URL: url, RATE_LIMIT: '1000000' })
  /** Slow, because requests in a tight loop would be the main load. */
  const probe = async (path: string) => {
    await sleep(50)
    const response = await fetch(`${service.url}${path}`)
    return { status: response.status, text: await response.text() }
  }
  const isReady = async () => (await probe('/readyz')).status === 200
  await until('the service is ready', isReady)
  const load = startLoad(service, options.load)
  owner.after(load.stop)
  const accepts = (count: number) => {
    const before = load.accepted.size
    return until('events are accepted', () => load.accepted.size >= before + count)
  }

  async function noticed(name: string, reason: RegExp): Promise<void> {
    const before = load.refused()
    await until(`${name}: senders are refused`, () => load.refused() >= before + options.load.senders)
    let answer = ''
    await until(`${name}: not ready, because ${reason}`, async () => {
      const { status, text } = await probe('/readyz')
      answer = text
      return status === 503 && reason.test(text)
    }).catch((error: unknown) => {
      throw new Error(`/readyz answered ${answer}`, { cause: error })
    })
  }

  async function connections(): Promise<number> {
    const [row] = await server().admin<{ count: string }>(
      'SELECT count(*) FROM pg_stat_activity WHERE usename = $1 AND pid <> pg_backend_pid()',
      [role.name],
    )
    return Number(row?.count)
  }

  async function lost(): Promise<string[]> {
    const accepted = [...load.accepted] // before the query: its answer has them all
    const rows = await server().admin<{ identity: string }>(`SELECT identity FROM ${schema}.inbox_events`)
    const stored = new Set(rows.map(({ identity }) => identity))
    return accepted.filter((identity) => !stored.has(identity))
  }

  async function observe(fault: Fault): Promise<FaultResult> {
    await accepts(10)
    const [accepted, refused] = [load.accepted.size, load.refused()]
    load.longestAnswerMs()
    const startedAt = performance.now()
    const cpuBefore = await service.cpuMs()
    await fault.break()
    if (fault.reason !== undefined) await noticed(fault.name, fault.reason)
    const isAlive = (await probe('/livez')).status === 200
    await sleep(fault.holdMs ?? holdMs)
    const usedMs = (await service.cpuMs()) - cpuBefore
    const elapsedMs = performance.now() - startedAt
    await fault.repair()
    const repairedAt = performance.now()
    await accepts(1)
    await until('ready again', isReady)
    const recoveredMs = performance.now() - repairedAt
    const mostConnections = fault.maxConnections ?? maxConnections
    await until('abandoned connections end', async () => (await connections()) <= mostConnections)
    const missing = await lost()
    const problems = [
      ...load.problems,
      ...missing.map((identity) => `answered 202, but not stored: ${identity}`),
      ...(isAlive ? [] : ['/livez did not answer 200']),
      ...(usedMs <= mayUseCpuMs(elapsedMs) ? [] : [`${usedMs} ms of CPU time in ${elapsedMs} ms`]),
    ]
    return {
      fault: fault.name,
      accepted: load.accepted.size - accepted,
      refused: load.refused() - refused,
      lost: missing.length,
      longestAnswerMs: load.longestAnswerMs(),
      recoveredMs,
      cpuShare: usedMs / elapsedMs,
      problems,
    }
  }

  /** Stops the senders and the service. Returns what is wrong with the events that were answered with 202. */
  async function finish(): Promise<readonly string[]> {
    await load.stop()
    await until('nothing is pending', async () => {
      await sleep(50)
      return (await service.status()).inbox?.pending === 0
    })
    const rows = await server().admin<{ identity: string; state: string }>(
      `SELECT identity, state FROM ${schema}.inbox_events`,
    )
    const states = new Map(rows.map(({ identity, state }) => [identity, state]))
    const unsettled = [...load.accepted].filter(
      (identity) => !['applied', 'unchanged'].includes(states.get(identity) ?? ''),
    )
    const failure = await service.stop()
    return [
      ...unsettled.map((identity) => `answered 202, but ${states.get(identity) ?? 'lost'}: ${identity}`),
      ...(failure === undefined ? [] : [failure]),
    ]
  }

  return { observe, finish, accepts, service, load }
}

export type Session = Awaited<ReturnType<typeof startSession>>

interface ObservedService extends RunningService {
  /** The CPU time of its process so far. */
  cpuMs(): Promise<number>
  /** Stops it, and returns what went wrong. */
  stop(): Promise<string | undefined>
}

async function startProcess(owner: Owner, environment: Record<string, string>): Promise<ObservedService> {
  const { child, end, ...service } = await startService(owner, environment)
  return {
    ...service,
    cpuMs: () => cpuMs(child.pid),
    stop: async () => {
      const code = await end('SIGTERM')
      return code === 0 ? undefined : `the service ended with ${code}`
    },
  }
}

async function startHere(owner: Owner, environment: Record<string, string>): Promise<ObservedService> {
  const { stop, ...service } = await startInProcess(owner, environment)
  return {
    ...service,
    cpuMs: async () => {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1_000
    },
    stop: async () => {
      try {
        await stop()
        return undefined
      } catch (error) {
        return `the service did not stop: ${error}`
      }
    },
  }
}

/** The CPU time of a process so far; 0 where the system has no /proc. */
async function cpuMs(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (stat === undefined) return 0
  // The name of the program, in parentheses, may contain spaces. Times are in ticks of 10 ms.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}
