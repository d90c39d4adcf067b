import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { skipWithoutTerminal as skip, startOnTerminal } from '../helpers/terminal.ts'
import { until } from '../helpers/wait.ts'
import { setUpLetters } from './operator-harness.ts'

/** Runs `drop` on a terminal and answers its question. */
async function dropOnTerminal(t: TestContext, env: Readonly<Record<string, string>>, answer: string) {
  const { output, type, ended } = startOnTerminal(t, 'dead-letters drop --code forbidden', env)
  await until('the command asks', () => output().includes('[y/N] '))
  type(`${answer}\n`)
  return { code: await ended, output: output() }
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
