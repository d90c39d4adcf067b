import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inFolder } from './harness.ts'

test('with --json, an invalid file is a JSON document on standard output, and standard error is empty', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': 'version: 2', 'event.json': '{}' })
  const { code, stdout, stderr } = await rules(['eval', '--event', 'event.json', '--json'])
  assert.deepEqual([code, stderr], [2, ''])
  const { error } = JSON.parse(stdout)
  assert.deepEqual([error.code, error.message], ['invalid_usage', './rules.yaml is not valid'])
  assert.match(error.problems[0], /version/)
})

test('with --json, a missing option of a subcommand is a JSON document too', async (t) => {
  const { rules } = await inFolder(t, {})
  const { code, stdout, stderr } = await rules(['eval', '--json'])
  assert.deepEqual([code, stderr], [2, ''])
  assert.deepEqual(JSON.parse(stdout), {
    error: { code: 'invalid_usage', message: "required option '--event <file>' not specified" },
  })
})

test('without --json, the same errors are text on standard error', async (t) => {
  const { rules } = await inFolder(t, {})
  const { code, stdout, stderr } = await rules(['eval'])
  assert.deepEqual([code, stdout], [2, ''])
  assert.match(stderr, /^error: required option '--event <file>' not specified\n/)
})
