import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalItem } from '../helpers/events.ts'
import { valuesOf } from '../helpers/exposition.ts'
import { startService } from '../helpers/service.ts'

const name = 'genesys_enricher_webhook_auth_total'

async function usesAfter(url: string, credentials: readonly string[]) {
  for (const credential of credentials) {
    const headers = { authorization: `Bearer ${credential}`, 'content-type': 'application/json' }
    await fetch(`${url}/webhooks/genesys`, { method: 'POST', headers, body: JSON.stringify(canonicalItem()) })
  }
  return valuesOf(await (await fetch(`${url}/metrics`)).text(), name)
}

test('each secret and token is counted by position, starting at 0; refused requests are not counted', async (t) => {
  const environment = { WEBHOOK_TOKENS: 'new-token,old-token', WEBHOOK_SECRETS: 'signing-secret-1' }
  const uses = await usesAfter(await startService(t, { environment }), ['old-token', 'old-token', 'wrong'])
  assert.deepEqual(uses, {
    'standard_webhooks,1': 0,
    'hub_signature,1': 0,
    'token,1': 0,
    'token,2': 2,
  })
})

test('labels contain no name, token or secret', async (t) => {
  const environment = { WEBHOOK_TOKENS: 'hush-token', WEBHOOK_SECRETS: 'hush-signing-secret' }
  const url = await startService(t, { environment })
  await usesAfter(url, ['hush-token'])
  assert.doesNotMatch(await (await fetch(`${url}/metrics`)).text(), /hush/)
})
