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

/** Copies in a process that is killed after that many pages. */
async function killAt(pages: number, from: string, to: string): Promise<void> {
  const child = fork(program, [from, to], { execArgv: [] })
  let told = 0
  child.on('message', () => {
    told += 1
    if (told === pages) child.kill('SIGKILL')
  })
  const [, signal] = await once(child, 'exit')
  assert.equal(signal, 'SIGKILL')
}

for (const engine of ['sqlite', 'postgres'] as const) {
  const skip = engine === 'postgres' && skipWithoutPostgres
  test(`${engine}: a copy that is killed at random points is complete in the end, and opens only then`, {
    skip,
  }, async (t) => {
    const clock = manualClock()
    const from = await newFile(t)
    const original = await open(from, clock)
    await fill(original, clock, 7)
    // 3 pages and more of each side.
    for (let n = 0; n < 3; n += 1)
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
    for (let n = 0; n < rounds(1); n += 1) {
      await killAt(1 + random.below(3), from, to)
      await assert.rejects(open(to, clock), /unfinished copy/)
    }
    assert.deepEqual((await copy(from, to)).differences, [])
    const inbox = await open(to, clock)
    const stats = await inbox.stats()
    await inbox.close()
    assert.deepEqual(stats, expected)
    await assert.rejects(copy(from, to), /has events or known values already/)
  })
}
