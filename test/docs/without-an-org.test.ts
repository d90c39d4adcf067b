import assert from 'node:assert/strict'
import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { temporaryFolder } from '../helpers/folder.ts'
import { main, programEnvironment } from '../helpers/program.ts'
import { until } from '../helpers/wait.ts'
import { fencesOf, readPage } from './markdown.ts'

/** Programs that the commands of the README need besides node. */
const missing = ['bash', 'curl'].filter((program) => spawnSync(program, ['--help']).error !== undefined)
const skip = missing.length > 0 && !process.env.CI ? `not on this machine: ${missing.join(', ')}` : false

const bash = promisify(execFile)
const environment = { ...programEnvironment, PORT: '0' }

/** Starts a command of the page, and stops it after the test. Resolves with the first match of `ready` in its output. */
async function start(t: TestContext, command: string, cwd: string, ready: RegExp): Promise<string> {
  const child = spawn('bash', ['-c', command], {
    cwd,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  t.after(async () => {
    if (child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  })
  return until(`${command}: ${ready}`, () => {
    if (child.exitCode !== null) throw new Error(`${command} ended:\n${output}`)
    return ready.exec(output)?.[1]
  })
}

test('the commands of README.md set attributes without an org', { skip }, async (t) => {
  const fence = fencesOf(await readPage('README.md')).find(({ text }) => text.startsWith('# 1. '))
  const [, simulate = '', serve = '', look = ''] = (fence?.text ?? '').split(/^# \d\. .*\n/m)
  // Removed last: the service works in it.
  const removals: (() => unknown)[] = []
  const folder = await temporaryFolder({ after: (remove) => void removals.push(remove) })
  const examples = fileURLToPath(new URL('../../examples', import.meta.url))
  await cp(examples, join(folder, 'examples'), { recursive: true })

  // The npm scripts run these commands. The ports of the page may be in use.
  const node = `exec ${process.execPath} ${main}`
  const simulator = await start(
    t,
    `${simulate.trim().replace('npm run -s cli --', node)} --port 0`,
    folder,
    /simulator on (\S+)/,
  )
  const withSimulator = (command: string) => command.replaceAll('http://127.0.0.1:9090', simulator)
  const service = await start(
    t,
    withSimulator(serve).replace('npm start', `${node} serve`),
    folder,
    /"url":"([^"]+)".*"msg":"listening"/,
  )
  for (const remove of removals) t.after(remove)
  const [post = '', list = '', read = ''] = look.trim().split('\n')
  const run = async (command: string) =>
    (await bash('bash', ['-c', command], { cwd: folder, env: environment })).stdout

  const answer = await run(post.replace('http://localhost:8080', service))
  assert.deepEqual(JSON.parse(answer), { accepted: 1, duplicates: 0, ignored: 0, rejected: [] })
  const listCommand = `${list.replace('npm run -s cli --', node)} --url ${service}`
  await until('the event is applied', async () => (await run(listCommand)).includes('applied'))
  const { participants } = JSON.parse(await run(withSimulator(read))) as {
    participants: readonly { attributes: object }[]
  }
  assert.deepEqual(
    participants.map(({ attributes }) => attributes),
    [{ channel: 'voice', vip_status: 'true', support_tier: 'platinum' }],
  )
})
