import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { progressOf } from '../src/cli/progress.ts'
import { temporaryFolder } from '../test/helpers/folder.ts'

/**
 * Start of the service until it listens, and its memory when idle, from `dist` (run `npm run build` first) and from source,
 * beside a Node.js that does nothing. In turn, so that a busy machine slows all alike.
 */
const rounds = 7
const idleMs = 3_000
const root = fileURLToPath(new URL('..', import.meta.url))
const releases: (() => unknown)[] = []
const folder = await temporaryFolder({ after: (release) => releases.push(release) })
await writeFile(join(folder, 'rules.yaml'), 'version: 1\nrules: []\n')

interface Measure {
  readonly readyMs: number
  readonly rssMb: number
}

const contenders: Readonly<Record<string, readonly string[]>> = {
  dist: ['dist/main.js', 'serve'],
  source: ['src/main.ts', 'serve'],
  'bare Node.js': ['-e', "console.log('listening'); setInterval(() => {}, 1000)"],
}

async function measure(args: readonly string[], round: number): Promise<Measure> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compile'),
      GENESYS_CLIENT_ID: 'bench',
      GENESYS_CLIENT_SECRET: 'bench',
      GENESYS_API_URL: 'http://127.0.0.1:9',
      GENESYS_LOGIN_URL: 'http://127.0.0.1:9',
      WEBHOOK_TOKENS: 'bench-token',
      HOST: '127.0.0.1',
      PORT: '0',
      RULES_FILE: join(folder, 'rules.yaml'),
      STORE_URL: `sqlite:${join(folder, `inbox-${round}-${args[0]?.slice(0, 3)}.db`)}`,
    },
  })
  for await (const line of createInterface({ input: child.stdout })) if (line.includes('listening')) break
  const readyMs = performance.now() - startedAt
  await sleep(idleMs)
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
  const [, kilobytes = 'NaN'] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? []
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  return { readyMs, rssMb: Number(kilobytes) / 1_000 }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const measures = new Map<string, Measure[]>(Object.keys(contenders).map((name) => [name, []]))
const progress = progressOf('starts measured')
for (let round = 0; round < rounds; round += 1)
  for (const [index, [name, args]] of Object.entries(contenders).entries()) {
    progress.update(round * measures.size + index, rounds * measures.size)
    measures.get(name)?.push(await measure(args, round))
  }
progress.clear()
for (const release of releases) await release()

console.log(`Median of ${rounds}: ready, ms; memory (RSS) after ${idleMs / 1_000} s idle, MB`)
for (const [name, all] of measures)
  console.log(
    `  ${name.padEnd(14)} ${median(all.map(({ readyMs }) => readyMs))
      .toFixed(0)
      .padStart(6)} ${median(all.map(({ rssMb }) => rssMb))
      .toFixed(0)
      .padStart(6)}`,
  )
