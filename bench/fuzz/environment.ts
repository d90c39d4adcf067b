import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Owner, temporaryFolder } from '../../test/helpers/folder.ts'
import { adminToken, token } from '../../test/helpers/process.ts'
import { main, programEnvironment } from '../../test/helpers/program.ts'
import { until } from '../../test/helpers/wait.ts'
import { askForMemory, memoryArguments, type ServiceMemory } from './service-memory.ts'

/** Rules that pass untrusted values to all kinds of functions, and to the API. */
const rules = `
version: 1
rules:
  - name: tag customers
    on: [conversation:created, conversation:updated]
    when: participant.purpose == "customer"
    set:
      vip_status: true
      seen: \${event.body.mark}
  - name: read untrusted values
    on: [conversation:created, conversation:updated]
    when: default(participant.address, "").lower().contains("0") || size(default(event.topic, "")) > 3
    set:
      address: \${default(participant.address, "none")}
      phone: \${e164(default(participant.ani, default(participant.address, "")), "US")}
      digits: \${regex.replace(default(participant.address, ""), "[^0-9]", "")}
      tier: \${default(event.attributes.tier, "none")}
  - name: read times
    on: [conversation:created]
    when: timeOfDay(event.occurredAt, "America/New_York") >= "08:00"
    set:
      shift: day
`

interface Program {
  readonly child: ChildProcess
  /** The exit code or signal, once the process has ended. */
  ended(): string | undefined
  readonly exited: Promise<unknown>
}

export interface FuzzEnvironment {
  readonly port: number
  readonly url: string
  /** The service's process id. */
  readonly pid: number | undefined
  readonly simulatorUrl: string
  /** The first unexpected log lines: errors, secrets, lines that are not JSON. */
  readonly badLines: readonly string[]
  /** The service's memory after a garbage collection. One call at a time. */
  memory(): Promise<ServiceMemory>
  /** How the service or the simulator crashed; undefined while both run. */
  crash(): string | undefined
  /** Sends SIGTERM to the service and resolves with its exit code or signal. */
  stop(): Promise<string>
}

/** Starts the service and a lenient simulator, each in its own process. */
export async function startEnvironment(owner: Owner): Promise<FuzzEnvironment> {
  const folder = await temporaryFolder(owner)
  await writeFile(join(folder, 'rules.yaml'), rules)
  let simulatorUrl: string | undefined
  const simulator = run(
    owner,
    [main, 'simulate', '--port', '0', '--lenient', '--rate-limit', '100000000'],
    {},
    (line) => {
      simulatorUrl ??= /simulator on (\S+)/.exec(line)?.[1]
    },
  )
  const genesys = await until('the simulator listens', () => simulatorUrl)
  const badLines: string[] = []
  let lastLine = ''
  let url: string | undefined
  const service = run(owner, [...memoryArguments, main, 'serve'], environment(folder, genesys), (line) => {
    lastLine = line
    if (line.includes('"msg":"listening"')) url = /"url":"([^"]+)"/.exec(line)?.[1]
    if (badLines.length < 5 && isBad(line)) badLines.push(line)
  })
  const base = await until('the service listens', () => {
    if (service.ended() !== undefined) throw new Error(`the service ${service.ended()}: ${lastLine}`)
    return url
  })
  return {
    url: base,
    port: Number(new URL(base).port),
    pid: service.child.pid,
    simulatorUrl: genesys,
    badLines,
    memory: () => askForMemory(service.child, service.exited),
    crash: () =>
      [
        ['service', service.ended()],
        ['simulator', simulator.ended()],
      ]
        .filter(([, ended]) => ended !== undefined)
        .map((parts) => parts.join(' '))[0],
    stop: async () => {
      service.child.kill('SIGTERM')
      await service.exited
      return service.ended() ?? 'not ended'
    },
  }
}

/** Defaults except for the required settings. */
const environment = (folder: string, genesys: string): Record<string, string> => ({
  GENESYS_CLIENT_ID: 'demo',
  GENESYS_CLIENT_SECRET: 'demo',
  GENESYS_API_URL: genesys,
  GENESYS_LOGIN_URL: genesys,
  WEBHOOK_TOKENS: token,
  ADMIN_TOKEN: adminToken,
  RATE_LIMIT: '1000000',
  RULES_FILE: join(folder, 'rules.yaml'),
  STORE_URL: `sqlite:${join(folder, 'data', 'inbox.db')}`,
  HOST: '127.0.0.1',
  PORT: '0',
})

/** Dead letters are logged as errors and are expected here, for events without a participant in the simulator. */
const isDeadLetter = (line: string): boolean =>
  /"code":"(participant_not_found|not_found|rejected)"/.test(line)

/** Each line must be one JSON object without secrets, for any request. */
const isBad = (line: string): boolean =>
  !/^\{"level":"(info|warn|error)",.*\}$/.test(line) ||
  (line.startsWith('{"level":"error"') && !isDeadLetter(line)) ||
  line.includes(token) ||
  line.includes(adminToken)

function run(
  owner: Owner,
  args: readonly string[],
  env: Record<string, string>,
  onLine: (line: string) => void,
): Program {
  const child = spawn(process.execPath, args, {
    cwd: tmpdir(),
    env: { ...programEnvironment, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const exited = once(child, 'exit')
  owner.after(async () => {
    child.kill('SIGKILL')
    await exited
  })
  for (const stream of [child.stdout, child.stderr])
    if (stream !== null) createInterface({ input: stream }).on('line', onLine)
  const ended = (): string | undefined => {
    const how = child.exitCode ?? child.signalCode
    return how === null ? undefined : `ended with ${how}`
  }
  return { child, exited, ended }
}
