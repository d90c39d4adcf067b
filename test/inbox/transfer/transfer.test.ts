import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { TransferOptions } from '../../../src/inbox/transfer/transfer.ts'
import { type PostgresServer, skipWithoutPostgres, startPostgres } from '../../helpers/postgres.ts'
import { rounds } from '../../helpers/rounds.ts'
import { manualClock } from '../../simulator/harness.ts'
import { copy, fill, newFile, open, viewOf } from './harness.ts'

let server: PostgresServer
const releases: (() => unknown)[] = []
before(async () => {
  if (skipWithoutPostgres === false)
    server = await startPostgres({ after: (release) => releases.push(release) })
})
after(async () => {
  for (const release of releases.reverse()) await release()
})

/** A clock at the same time for each reader. */
const clockAt = (time: number) => {
  const clock = manualClock()
  clock.advance(time - clock.now())
  return clock
}

describe('a copy shows the same through the port', () => {
  const paths = [
    ['sqlite', 'sqlite'],
    ['sqlite', 'postgres', 'sqlite'],
    ['postgres', 'sqlite', 'postgres', 'postgres'],
  ] as const
  for (const [index, path] of paths.entries())
    for (let seed = 1; seed <= rounds(1); seed += 1) {
      const skip = path.some((engine) => engine === 'postgres') && skipWithoutPostgres
      test(`${path.join(' → ')}, seed ${seed}`, { skip }, async (t) => {
        const newUrl = (engine: 'sqlite' | 'postgres') =>
          engine === 'sqlite' ? newFile(t) : server.createStore()
        const urls = await Promise.all(path.map(newUrl))
        const clock = manualClock()
        const [first = ''] = urls
        const original = await open(first, clock)
        await fill(original, clock, 10 * index + seed)
        await original.close()
        for (const [position, to] of urls.entries()) {
          const from = urls[position - 1]
          if (from === undefined) continue
          const result = await copy(from, to)
          assert.deepEqual(result.differences, [])
          assert.ok(
            result.counts.events > 50 && result.counts.participants > 3 && result.counts.knownValues > 3,
          )
        }
        const views: unknown[] = []
        for (const url of urls) {
          const at = clockAt(clock.now())
          const inbox = await open(url, at)
          views.push(await viewOf(inbox, at))
          await inbox.close()
        }
        for (const view of views.slice(1)) assert.deepEqual(view, views[0])
      })
    }
})

describe('refusals', () => {
  async function filled(t: Parameters<typeof newFile>[0]) {
    const url = await newFile(t)
    const clock = manualClock()
    const inbox = await open(url, clock)
    await fill(inbox, clock, 1, 5)
    await inbox.close()
    return { url, clock }
  }
  /** Ends a copy after its first page. */
  const interrupted = (from: string, to: string, options: Partial<TransferOptions> = {}) =>
    assert.rejects(
      copy(from, to, {
        ...options,
        onProgress: () => {
          throw new Error('interrupted')
        },
      }),
      /interrupted/,
    )

  for (const engine of ['sqlite', 'postgres'] as const) {
    const skip = engine === 'postgres' && skipWithoutPostgres
    const newTarget = (t: Parameters<typeof newFile>[0]) =>
      engine === 'sqlite' ? newFile(t) : server.createStore()

    test(`${engine}: a service cannot open an unfinished copy, and a later run finishes it`, {
      skip,
    }, async (t) => {
      const { url, clock } = await filled(t)
      const target = await newTarget(t)
      await interrupted(url, target)
      await assert.rejects(
        open(target, clock),
        /unfinished copy.*run "genesys-enricher store migrate" again/s,
      )
      await assert.rejects(copy(target, await newFile(t)), /unfinished copy/)
      const result = await copy(url, target)
      assert.deepEqual([result.resumedAt > 0, result.differences], [true, []])
      await (await open(target, clock)).close()
    })

    test(`${engine}: a source that changed after an interruption is copied from its beginning`, {
      skip,
    }, async (t) => {
      const { url, clock } = await filled(t)
      const target = await newTarget(t)
      await interrupted(url, target)
      const inbox = await open(url, clock)
      await fill(inbox, clock, 2, 5)
      await inbox.close()
      const result = await copy(url, target)
      assert.deepEqual([result.resumedAt, result.differences], [0, []])
    })

    test(`${engine}: an unfinished copy of another inbox needs --restart`, { skip }, async (t) => {
      const [one, other, target] = [await filled(t), await filled(t), await newTarget(t)]
      await interrupted(one.url, target)
      await assert.rejects(copy(other.url, target), /is an unfinished copy of .*--restart/)
      assert.deepEqual((await copy(other.url, target, { restart: true })).differences, [])
    })

    test(`${engine}: a target with events is refused and stays as it is`, { skip }, async (t) => {
      const [source, target] = [await filled(t), await newTarget(t)]
      const { clock } = source
      const inbox = await open(target, clock)
      await fill(inbox, clock, 5, 5)
      const before = await inbox.stats()
      await inbox.close()
      await assert.rejects(copy(source.url, target), /has events or known values already/)
      await assert.rejects(copy(source.url, target, { restart: true }), /has events or known values already/)
      const again = await open(target, clock)
      assert.deepEqual(await again.stats(), before)
      await again.close()
    })

    test(`${engine}: an inbox that a service uses is refused, as source and as target`, {
      skip,
    }, async (t) => {
      const { url, clock } = await filled(t)
      const used = await newTarget(t)
      const inbox = await open(used, clock)
      await Promise.all([
        assert.rejects(copy(used, await newFile(t)), /is in use/),
        assert.rejects(copy(url, used), /is in use/),
      ])
      await inbox.close()
    })
  }
})
