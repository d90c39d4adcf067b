import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts'
import { type Owner, temporaryFolder } from './folder.ts'
import { main, programEnvironment } from './program.ts'
import { until } from './wait.ts'

export const token = 'test-token'
export const adminToken = 'test-admin-token'

export const tagCustomers = `
version: 1
rules:
  - name: tag customers
    on: [conversation:created, conversation:updated]
    when: participant.purpose == "customer"
    set:
      vip_status: true
      tier_number: 123
      seen: \${event.body.mark}
`

export interface RunningService {
  readonly url: string
  /** The output so far, standard output and error. */
  output(): string
  post(body: unknown, headers?: Record<string, string>): Promise<Answer>
  health(): Promise<Health>
  status(): Promise<Status>
  deadLetters(): Promise<{ code: string; detail: string; conversationId: string }[]>
}

export interface ServiceProcess extends RunningService {
  readonly child: ChildProcess
  /** Sends the signal. Resolves with the exit code, or with the signal that ended the process. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: {
    readonly accepted?: number
    readonly duplicates?: number
    readonly ignored?: number
    readonly rejected?: readonly unknown[]
    readonly code?: string
  }
}

export interface Health {
  readonly status: string
  readonly checks: Readonly<
    Record<string, { readonly ok: boolean; readonly code?: string; readonly cause?: string }>
  >
}

export interface Status {
  readonly inbox: { pending: number; inFlight: number; dead: number; oldestPendingMs: number | null }
  readonly delivery: {
    state: string
    pausedUntil: string | null
    budget: { allowed: number; remaining: number; resetAt: string | null }
  }
  readonly totals: Record<string, number>
  readonly nodes: readonly { id: string; role: string; lastSeenAt: string; delivers: boolean }[]
}

/** A simulator and the environment of a service that uses it. */
export async function setUp(
  t: Owner,
  { rules = tagCustomers, ...options }: SimulatorOptions & { rules?: string } = {},
) {
  const simulator = await startSimulator(options)
  t.after(() => simulator.close())
  const folder = await temporaryFolder(t)
  return { folder, simulator, environment: await environmentFor(folder, simulator, rules) }
}

/** The environment of a service with store and rules in the given folder. */
export async function environmentFor(
  folder: string,
  simulator: Simulator,
  rules = tagCustomers,
): Promise<Record<string, string>> {
  await writeFile(join(folder, 'rules.yaml'), rules)
  return {
    GENESYS_CLIENT_ID: 'demo',
    GENESYS_CLIENT_SECRET: 'demo',
    GENESYS_API_URL: simulator.url,
    GENESYS_LOGIN_URL: simulator.url,
    WEBHOOK_TOKENS: token,
    ADMIN_TOKEN: adminToken,
    RULES_FILE: join(folder, 'rules.yaml'),
    STORE_URL: `sqlite:${join(folder, 'data', 'inbox.db')}`,
    HOST: '127.0.0.1',
    PORT: '0',
    ...programEnvironment,
  }
}

/** Starts the service as a process and waits until it listens. Only for tests of the process: others use `startInProcess`. */
export async function startService(
  t: Owner,
  environment: Record<string, string>,
  program: readonly string[] = [main, 'serve'],
): Promise<ServiceProcess> {
  const child = spawn(process.execPath, program, {
    cwd: tmpdir(),
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit')
  t.after(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const lines: string[] = []
  let url: string | undefined
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    const found = /"url":"([^"]+)"/.exec(line)?.[1]
    if (line.includes('"msg":"listening"')) url = found
  })
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line))
  const output = () => lines.join('\n')
  const base = await until('the service listens', () => {
    if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}:\n${output()}`)
    return url
  })
  return {
    ...runningService(base, output),
    child,
    end: async (signal) => {
      child.kill(signal)
      const [code, by] = (await ended) as [number | null, NodeJS.Signals | null]
      return code ?? by
    },
  }
}

/** Requests to the service at this URL. */
export function runningService(url: string, output: () => string): RunningService {
  const admin = async (path: string) =>
    (await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${adminToken}` } })).json()
  return {
    url,
    output,
    post: async (body, headers = { authorization: `Bearer ${token}` }) => {
      const response = await fetch(`${url}/webhooks/genesys`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      })
      const answer = (await response.json()) as Answer['body']
      return { status: response.status, headers: response.headers, body: answer }
    },
    health: async () => (await (await fetch(`${url}/health`)).json()) as Health,
    status: async () => (await admin('/admin/status')) as Status,
    deadLetters: async () => {
      const { items } = (await admin('/admin/dead-letters?limit=500')) as { items: never[] }
      return items
    },
  }
}

/** A canonical event of a customer. `tagCustomers` sets the attribute `seen` to `mark`. */
export const customerEvent = (index: number | string, mark: string = String(index)) => ({
  type: 'conversation:created',
  id: `event-${index}-${mark}`,
  conversationId: `conversation-${index}`,
  participantId: `participant-${index}`,
  participant: { purpose: 'customer', address: 'tel:+13175550100' },
  mark,
})

export const createConversations = (simulator: Simulator, count: number): void => {
  for (let index = 0; index < count; index += 1) {
    simulator.createConversation({
      id: `conversation-${index}`,
      participants: [{ id: `participant-${index}`, purpose: 'customer' }],
    })
  }
}

export const patches = (simulator: Simulator) => simulator.calls().filter(({ method }) => method === 'PATCH')

export const attributesAt = (simulator: Simulator, index: number | string) =>
  simulator
    .conversation(`conversation-${index}`)
    ?.participants.find(({ id }) => id === `participant-${index}`)?.attributes
