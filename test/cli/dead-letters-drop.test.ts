import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { main, programEnvironment } from '../helpers/program.ts'
import { until } from '../helpers/wait.ts'
import { setUpLetters } from './operator-harness.ts'

/** `script` of util-linux runs a command on a terminal. */
const hasScript = spawnSync('script', ['--version']).stdout?.includes('util-linux') === true
const skip = hasScript || process.env.CI === 'true' ? false : 'script (util-linux) is not installed'

/** Runs `drop` on a terminal and answers its question. */
async function dropOnTerminal(t: TestContext, env: Readonly<Record<string, string>>, answer: string) {
  const command = `'${process.execPath}' '${main}' dead-letters drop --code forbidden`
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: { ...programEnvironment, ...env, SHELL: '/bin/sh' },
  })
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const ended = once(child, 'exit')
  await until('the command asks', () => output.includes('[y/N] '))
  child.stdin.write(`${answer}\n`)
  const [code] = await ended
  return { code, output }
}

test('on a terminal, drop asks and drops after y', { skip }, async (t) => {
  const { env, statusOf } = await setUpLetters(t)
  const { code, output } = await dropOnTerminal(t, env, 'y')
  assert.match(
    output,
    /Drop all dead letters with the code "forbidden"\? Dropped events cannot be replayed\. \[y\/N\] /,
  )
  assert.match(output, /2 dead letters dropped\./)
  assert.deepEqual([code, (await statusOf()).inbox.dead], [0, 1])
})

test('on a terminal, drop changes nothing after another answer: exit code 1', { skip }, async (t) => {
  const { env, statusOf } = await setUpLetters(t)
  const { code, output } = await dropOnTerminal(t, env, '')
  assert.match(output, /Nothing is dropped: the answer was not yes\./)
  assert.deepEqual([code, (await statusOf()).inbox.dead], [1, 3])
})
