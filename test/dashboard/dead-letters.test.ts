import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSqliteInbox } from '../../src/inbox/sqlite/sqlite.ts'
import { conversationEvent } from '../helpers/events.ts'
import { adminToken } from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'
import { openDashboard } from './browser.ts'
import { withoutBrowser } from './chromium.ts'
import { customerCall, type Installation, install } from './installation.ts'

const skip = withoutBrowser

/** Posts events whose calls are refused, so that they become dead letters. */
async function refuse(installation: Installation, names: readonly string[], status: number): Promise<void> {
  for (const name of names) {
    const path = `/api/v2/conversations/conversation-${name}/*`
    installation.simulator.addFault({ match: { method: 'PATCH', path }, times: 1, status })
  }
  await installation.post(names.map((name) => customerCall(installation, name)))
  await installation.settled()
}

test('dead letters are grouped with their remedy, and selected ones replayed and dropped after a question', {
  skip,
}, async (t) => {
  const installation = await install(t)
  await refuse(installation, ['f1', 'f2', 'f3'], 403)
  await refuse(installation, ['r1'], 400)
  const page = await openDashboard(t, installation.url, '#/dead-letters')
  await page.getByText('Give the OAuth client a role').waitFor()
  const forbidden = page.getByRole('button', { name: /^3 forbidden/ })
  await forbidden.click()
  assert.equal(await page.locator('tbody tr').count(), 3)
  await page.getByLabel('Filter by id').fill('f2')
  await page.getByLabel('Select id:event-f2').check()
  await page.getByRole('button', { name: 'Replay 1 selected' }).click()
  await page
    .getByRole('dialog', { name: 'Replay 1 dead letter?' })
    .getByRole('button', { name: 'Replay' })
    .click()
  await page.getByText('1 event replayed: 1 with an outcome').waitFor()
  await page.getByText(/dead letters replayed, from 127\.0\.0\.1, requested: 1, count: 1/).waitFor()
  await page.getByText('3 dead letters.').waitFor()
  assert.deepEqual(
    installation.simulator.conversation('conversation-f2')?.participants[0]?.attributes?.vip_status,
    'true',
  )

  await page.getByRole('button', { name: /^2 forbidden/ }).click()
  await page.getByRole('button', { name: 'Drop these 2' }).click()
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Drop these 2' }).click()
  await page.getByRole('dialog').getByText('cannot be restored').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Drop' }).click()
  await page.getByText('2 dead letters deleted.').waitFor()
  await page.getByRole('button', { name: 'Drop all 1' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Drop' }).click()
  await page.getByText('No dead letters').waitFor()
})

test('10,000 dead letters are counted, filtered, and replayed with progress', { skip }, async (t) => {
  const count = 10_000
  const installation = await install(t, {
    prepareInbox: async (file) => {
      const inbox = openSqliteInbox({ file, maxPending: count, now: Date.now })
      for (let start = 0; start < count; start += 1_000) {
        const events = Array.from({ length: 1_000 }, (_, index) => ({
          event: conversationEvent({
            identity: `id:many-${start + index}`,
            conversationId: `many-${start + index}`,
          }),
          priority: 1 as const,
        }))
        await inbox.append(events)
      }
      while ((await inbox.expire({ acceptedBefore: Date.now() + 1, limit: 1_000 })) > 0);
      await inbox.close()
    },
  })
  await installation.admin('POST', '/admin/delivery/pause', { reason: 'tests' })
  const page = await openDashboard(t, installation.url, '#/dead-letters')
  await page.getByText('10,000 dead letters.').waitFor()
  await page.getByRole('button', { name: /^10,000 expired/ }).waitFor()
  assert.equal(await page.locator('tbody tr').count(), 100)
  await page.getByLabel('Filter by id').fill('many-9999')
  await page.getByLabel('Select all 1').waitFor()
  await page.getByLabel('Filter by id').fill('')
  await page.getByRole('button', { name: 'Replay all 10,000' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Replay' }).click()
  await page.getByRole('progressbar', { name: 'Changed dead letters' }).waitFor()
  await page.getByText('10,000 events replayed').waitFor()
  await until('all are pending', async () => {
    const response = await fetch(`${installation.url}/admin/status`, {
      headers: { authorization: `Bearer ${adminToken}` },
    })
    return ((await response.json()) as { inbox: { replayed: number } }).inbox.replayed === count
  })
})
