import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { newEvent } from '../../helpers/conversation-events.ts'
import { skipWithoutPostgres, startPostgres } from '../../helpers/postgres.ts'
import { rounds } from '../../helpers/rounds.ts'
import { manualClock } from '../../simulator/harness.ts'
import { copy, createRandom, fill, newFile, open } from './harness.ts'

const program = fileURLToPath(new URL('copy-process.ts', import.meta.url))

/** Returns the number of pages that it told of, and the exit code; null: it was killed after that many pages. */
async function runUntil(
  pages: number,
  from: string,
  to: string,
): Promise<{ pages: number; code: number | null }> {
  const child = fork(program, [from, to], { execArgv: [] })
  let told = 0
  child.on('message', () => {
    told += 1
    if (told === pages) child.kill('SIGKILL')
  })
  const [code] = await once(child, 'exit')
  return { pages: told, code }
}

for (const [engine, kills] of [
  ['sqlite', rounds(2)],
  ['postgres', rounds(1)],
] as const) {
  const skip = engine === 'postgres' && skipWithoutPostgres
  test(`${engine}: a copy that is killed at random points is complete in the end, and opens only then`, {
    skip,
  }, async (t) => {
    const clock = manualClock()
    const from = await newFile(t)
    const original = await open(from, clock)
    await fill(original, clock, 7)
    // 5 pages and more of each side.
    for (let n = 0; n < 5; n += 1)
      await original.append(
        Array.from({ length: 1_000 }, (_, index) =>
          newEvent(`id:more-${n}-${index}`, { participantId: `p${index}` }),
        ),
      )
    const expected = await original.stats()
    await original.close()
    const to = engine === 'sqlite' ? await newFile(t) : await (await startPostgres(t)).createStore()

    const seed = Date.now() % 1_000_000
    t.diagnostic(`seed ${seed}`)
    const random = createRandom(seed)
    for (let n = 0; n < kills; n += 1) {
      const killed = await runUntil(1 + random.below(5), from, to)
      assert.equal(killed.code, null)
      await assert.rejects(open(to, clock), /unfinished copy/)
    }
    assert.equal((await runUntil(Number.POSITIVE_INFINITY, from, to)).code, 0)
    const inbox = await open(to, clock)
    const stats = await inbox.stats()
    await inbox.close()
    assert.deepEqual(stats, expected)
    await assert.rejects(copy(from, to), /has events or known values already/)
  })
}
