import assert from 'node:assert/strict'
import { test } from 'node:test'
import { records, sns, sqsRecord } from '../helpers/carriers.ts'
import { canonicalItem } from '../helpers/events.ts'
import { adminToken, startService } from '../helpers/service.ts'

test('the dry run reads the events of a carrier, bare or as event', async (t) => {
  const url = await startService(t)
  const evaluate = async (body: unknown) => {
    const answer = await fetch(`${url}/admin/rules/evaluate`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const { results, rejected, errors } = (await answer.json()) as {
      results?: { conversationId: string }[]
      rejected?: { path: string }[]
      errors?: { path: string }[]
    }
    return {
      status: answer.status,
      conversations: results?.map(({ conversationId }) => conversationId),
      paths: (rejected ?? errors)?.map(({ path }) => path),
    }
  }
  const event = canonicalItem()
  const one = { status: 200, conversations: ['conversation-1'], paths: [] }
  assert.deepEqual(await evaluate(sns(event)), one)
  assert.deepEqual(await evaluate({ event: sns(event) }), one)
  const mixed = records(sqsRecord(event), sqsRecord('x'))
  assert.deepEqual(await evaluate(mixed), { ...one, paths: ['Records[1].body'] })
  const onlyBad = { status: 422, conversations: undefined, paths: ['Message'] }
  assert.deepEqual(await evaluate(sns('x')), onlyBad)
})
