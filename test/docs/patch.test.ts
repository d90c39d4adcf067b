import assert from 'node:assert/strict'
import { test } from 'node:test'
import { patchCommand } from '../../src/cli/patch.ts'
import type { FaultInput } from '../../src/simulator/simulator.ts'
import { setUp } from '../cli/patch-harness.ts'
import { fencesOf, readPage } from './markdown.ts'

const page = await readPage('docs/operations/patch.md')
const fences = fencesOf(page)

/** ```` ```sh forbidden ````: the command gets this answer first. */
const faults: Readonly<Record<string, FaultInput>> = {
  forbidden: { match: { method: 'GET' }, status: 403 },
  limited: { match: { method: 'PATCH' }, status: 429, headers: { 'Retry-After': '1' } },
  exhausted: { match: { method: 'PATCH' }, status: 429, headers: { 'Retry-After': '42' } },
}

const examples = fences.flatMap((fence, index) => {
  const [, fault] = /^sh(?: (\w+))?$/.exec(fence.info) ?? []
  const output = fences[index + 1]
  const [, code] = /^(?:text|json) output(?: (\d))?$/.exec(output?.info ?? '') ?? []
  const isExample = fence.info.startsWith('sh') && output?.info.includes(' output') === true
  return isExample
    ? [{ command: fence.text.trim(), line: fence.line, fault, output: output.text, code: Number(code ?? 0) }]
    : []
})

const withoutCorrelationIds = (text: string): string =>
  text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID')

test('docs/operations/patch.md shows outputs for each exit code and each fault', () => {
  assert.ok(examples.length >= 10)
  assert.deepEqual(new Set(examples.map(({ code }) => code)), new Set([0, 1, 2]))
  for (const name of Object.keys(faults)) assert.ok(examples.some(({ fault }) => fault === name))
})

for (const { command, line, fault, output, code } of examples) {
  test(`docs/operations/patch.md:${line}: ${command}`, async (t) => {
    const { simulator, patch } = await setUp(t)
    const added = faults[fault ?? '']
    if (added !== undefined) simulator.addFault(added)
    const [, , ...args] = command.split(' ')
    const { stdout, stderr, code: real } = await patch(args)
    const printed = `${stderr}${stdout}`.replaceAll(simulator.url, 'https://api.mypurecloud.com')
    assert.equal(withoutCorrelationIds(printed), withoutCorrelationIds(output))
    assert.equal(real, code)
  })
}

test('docs/operations/patch.md lists the options of the command in their order', () => {
  const documented = [...page.matchAll(/^\| `(--[^`]+)` \|/gm)].map(([, flags]) => flags)
  assert.deepEqual(
    documented,
    patchCommand().options.map(({ flags }) => flags),
  )
})
