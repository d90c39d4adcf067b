import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setUp } from '../cli/operator-harness.ts'
import { adminToken } from '../helpers/service.ts'
import { fencesOf, readPage } from './markdown.ts'

const investigate = fencesOf(await readPage('docs/operations/investigate.md'))
const textOf = (info: string): string => investigate.find((fence) => fence.info === info)?.text ?? ''

/** Replaces what differs between two runs: times, the version of the rules and ids of calls. */
const comparable = (text: string): unknown =>
  JSON.parse(
    text
      .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"time"')
      .replaceAll(/"(version|correlationId)": ?"[^"]+"/g, '"$1":"any"'),
  )

test('docs/operations/admin.md shows the real answer for the event of investigate.md', async (t) => {
  const { url, settle } = await setUp(t, { rules: textOf('yaml rules') })
  for (const event of JSON.parse(textOf('json events'))) await settle(event)
  const fences = fencesOf(await readPage('docs/operations/admin.md'))
  const index = fences.findIndex(({ text }) => text.includes('/admin/events/'))
  const [command, shown] = [fences[index]?.text ?? '', fences[index + 1]?.text ?? '']
  const path = /http:\/\/localhost:8080([^\s']+)/.exec(command)?.[1]
  const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${adminToken}` } })
  const answer = await response.text()
  assert.deepEqual(comparable(shown), comparable(answer), answer)
})
