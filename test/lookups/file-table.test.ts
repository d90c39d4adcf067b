import assert from 'node:assert/strict'
import { appendFile, mkdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadFileTable } from '../../src/lookups/file-table.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { load, problemsOf, tableOf } from './harness.ts'

const lookup = { file: 'tiers.csv', key: 'phone', delimiter: ',' }

test('the path of a file is relative to the folder of the rules file, or absolute', async (t) => {
  const folder = await temporaryFolder(t)
  await mkdir(join(folder, 'tables'))
  await writeFile(join(folder, 'tables', 'tiers.csv'), 'phone\n1\n')
  assert.equal(tableOf(await loadFileTable({ ...lookup, file: './tables/tiers.csv' }, folder)).size, 1)
  const absolute = join(folder, 'tables', 'tiers.csv')
  assert.equal(tableOf(await loadFileTable({ ...lookup, file: absolute }, '/')).size, 1)
})

test('format overrides the file name extension', async (t) => {
  assert.equal(tableOf(await load(t, '{"1": "gold"}', { file: 'tiers.txt', format: 'json' })).size, 1)
  assert.equal(tableOf(await load(t, '1: gold', { file: 'tiers.json', format: 'yaml' })).size, 1)
})

test('a missing file, an empty file and a folder are refused', async (t) => {
  const folder = await temporaryFolder(t)
  assert.deepEqual(problemsOf(await loadFileTable(lookup, folder)), [
    `cannot be read (ENOENT): there is no such file; relative paths start at ${folder}`,
  ])
  assert.deepEqual(problemsOf(await loadFileTable({ ...lookup, file: 'a\0b.csv' }, folder)), [
    `cannot be read (ERR_INVALID_ARG_VALUE); relative paths start at ${folder}`,
  ])
  await mkdir(join(folder, 'tiers.csv'))
  assert.deepEqual(problemsOf(await loadFileTable(lookup, folder)), ['is not a file'])
  assert.deepEqual(problemsOf(await load(t, '', lookup)), ['is empty'])
})

test('files that are too large are refused before they are read', async (t) => {
  const folder = await temporaryFolder(t)
  for (const [format, bytes, more] of [
    ['csv', 536_870_912, ''],
    ['json', 2_097_152, ', write it as csv'],
    ['yaml', 262_144, ', write it as csv or json'],
  ] as const) {
    const file = `tiers.${format}`
    await writeFile(join(folder, file), '')
    await truncate(join(folder, file), bytes + 1)
    assert.deepEqual(problemsOf(await loadFileTable({ ...lookup, file }, folder)), [
      `has ${bytes + 1} bytes: the limit for ${format} is ${bytes}${more}`,
    ])
  }
})

test('invalid UTF-8 is reported by line, in all formats', async (t) => {
  const latin1 = 'is not UTF-8 (it may be Windows-1252 or ISO 8859-1): save the file as UTF-8'
  const csv = Buffer.from('phone,name\n1,a\n2,M\xfcller\n', 'latin1')
  assert.deepEqual(problemsOf(await load(t, csv, lookup)), [`3: ${latin1}`])
  const json = Buffer.from('{"1":\n "M\xfcller"}', 'latin1')
  assert.deepEqual(problemsOf(await load(t, json, { file: 't.json' })), [`2: ${latin1}`])
  const cutOff = Buffer.concat([Buffer.from('1: a\n2: '), Buffer.from('ü').subarray(0, 1)])
  assert.deepEqual(problemsOf(await load(t, cutOff, { file: 't.yaml' })), [`2: ${latin1}`])
  const utf16 = Buffer.from('\ufeffphone,name\n', 'utf16le')
  assert.deepEqual(problemsOf(await load(t, utf16, lookup)), [
    '1: is not UTF-8 (it looks like UTF-16): save the file as UTF-8',
  ])
})

test('a character across two chunks is read', async (t) => {
  const names = ['ü', '€', '😀'].flatMap((character) =>
    Array.from({ length: 40 }, (_, shift) => 'x'.repeat(shift) + character.repeat(1_000)),
  )
  const content = `phone,name\n${names.map((name, n) => `${n},${name}\n`).join('')}`
  const table = tableOf(await load(t, content, lookup))
  for (const [n, name] of names.entries()) assert.equal(table.get(String(n))?.name, name)
})

test('a file that changes while it is read is refused', async (t) => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'tiers.csv')
  await writeFile(path, `phone\n${Array.from({ length: 50_000 }, (_, n) => n).join('\n')}\n`)
  let done = false
  const loading = loadFileTable(lookup, folder).finally(() => {
    done = true
  })
  for (let n = 0; !done; n += 1) await appendFile(path, `x${n}\n`)
  assert.deepEqual(problemsOf(await loading), ['changed while it was read'])
})

test('loading a large table yields to the event loop', async (t) => {
  const rows = Array.from({ length: 100_000 }, (_, n) => `tel:+1317${5_550_000 + n},gold,Customer ${n}`)
  const content = `phone,tier,name\n${rows.join('\n')}\n`
  let longestMs = 0
  let turns = 0
  // Processor time: other programs can use the processor too.
  const workedMs = (): number => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1_000
  }
  let last = workedMs()
  let done = false
  const tick = (): void => {
    const now = workedMs()
    longestMs = Math.max(longestMs, now - last)
    last = now
    turns += 1
    if (!done) setImmediate(tick)
  }
  tick()
  const table = tableOf(await load(t, content, lookup))
  done = true
  assert.equal(table.size, 100_000)
  assert.equal(table.get('tel:+13175550077')?.name, 'Customer 77')
  assert.ok(turns > 100, `${turns} turns`)
  // Far above the usual 20 ms: the machine that runs the tests can be slow.
  assert.ok(longestMs < 500, `${longestMs} ms`)
})
