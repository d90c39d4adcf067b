import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adminToken, createConversations, setUp, startService } from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'
import { fencesOf, readPage } from './markdown.ts'

const page = await readPage('docs/operations/investigate.md')
const fences = fencesOf(page)
const textOf = (info: string): string => fences.find((fence) => fence.info === info)?.text ?? ''

/** Replaces what differs between two runs: times, the version of the rules and ids of calls. */
const comparable = (text: string): unknown =>
  JSON.parse(
    text
      .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"time"')
      .replaceAll(/"(version|correlationId)": ?"[^"]+"/g, '"$1":"any"'),
  )

test('docs/operations/investigate.md shows the real answers for its rules and events', async (t) => {
  const { simulator, environment } = await setUp(t, { rules: textOf('yaml rules') })
  createConversations(simulator, 1)
  const service = await startService(t, environment)
  const events: unknown[] = JSON.parse(textOf('json events'))
  for (const event of events) {
    await service.post(event)
    await until('it is settled', async () => {
      const { inbox, totals } = await service.status()
      return inbox.pending === 0 && (totals.applied ?? 0) + (totals.unchanged ?? 0) + inbox.dead > 0
    })
  }
  await until('both are settled', async () => (await service.status()).inbox.pending === 0)
  const commands = fences.filter(({ info, text }) => info === 'sh' && text.includes('/admin/'))
  const answers = fences.filter(({ info }) => info === 'json')
  assert.ok(commands.length >= 2 && commands.length === answers.length)
  for (const [index, { text: command }] of commands.entries()) {
    const path = /http:\/\/localhost:8080([^\s']+)/.exec(command)?.[1]
    const response = await fetch(`${service.url}${path}`, {
      headers: { authorization: `Bearer ${adminToken}` },
    })
    const answer = await response.text()
    assert.deepEqual(comparable(answers[index]?.text ?? ''), comparable(answer), `${command}\n${answer}`)
  }
})
