import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { watch } from '../../../src/cli/rules/watch.ts'
import { fileVersion } from '../../../src/lookups/file-version.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { until } from '../../helpers/wait.ts'

test('regression: watch missed a change of a file that the current run had already read', async (t) => {
  const table = join(await temporaryFolder(t), 'tiers.csv')
  await writeFile(table, 'key,tier\nk,silver\n')
  let runs = 0
  const stopping = new AbortController()
  const run = async () => {
    runs += 1
    const version = await fileVersion(table)
    if (runs === 1) await writeFile(table, 'key,tier\nk,gold\n')
    return new Map([[table, version]])
  }
  const ended = watch([], run, stopping.signal)
  await until('the second run has started', () => runs === 2)
  stopping.abort()
  await ended
})
