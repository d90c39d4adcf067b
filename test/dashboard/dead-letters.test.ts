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
  await page.getByText('400 bad.request').first().waitFor()
  const forbidden = page.getByRole('button', { name: /^3 forbidden/ })
  await forbidden.click()
  assert.equal(await page.locator('tbody tr').count(), 3)
  await page.getByText('3 of 4 dead letters.').waitFor()
  await page.getByLabel('Select id:event-f1').check()
  await page.getByRole('button', { name: 'Replay 1 selected' }).waitFor()
  await page.getByLabel('Filter by id').fill('event-f2') // a random correlation id may contain f2
  await page.getByText('1 of 4 dead letters.').waitFor()
  await page.getByText('1 more selected, but hidden by the filter').waitFor()
  assert.equal(await page.getByRole('button', { name: /^(Replay|Drop)/ }).count(), 0)
  await page.getByLabel('Filter by id').fill('')
  await page.getByLabel('Select id:event-f1').uncheck()
  for (const name of ['f2', 'f3']) await page.getByLabel(`Select id:event-${name}`).check()
  const path = '/api/v2/conversations/conversation-f3/*'
  installation.simulator.addFault({ match: { method: 'PATCH', path }, times: 1, status: 403 })
  await page.getByRole('button', { name: 'Replay 2 selected' }).click()
  const question = page.getByRole('dialog', { name: 'Replay 2 dead letters?' })
  await question.getByText('conversation conversation-f2').waitFor()
  await question.getByRole('button', { name: 'Replay' }).click()
  await page.getByText('2 put back: 1 delivered, 1 failed (forbidden).').waitFor()
  await page
    .getByText(/dead letters replayed, from .*, 2 of 2 requested, ids: id:event-f2, id:event-f3/)
    .waitFor()
  await page.getByText('3 dead letters.').waitFor()
  assert.deepEqual(
    installation.simulator.conversation('conversation-f2')?.participants[0]?.attributes?.vip_status,
    'true',
  )

  await page.getByText('Latest answer of Genesys Cloud:').first().waitFor()
  await page.getByRole('button', { name: /^2 forbidden/ }).click()
  await page.getByRole('button', { name: 'Drop these 2' }).click()
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Drop these 2' }).click()
  await page.getByRole('dialog').getByText('cannot be restored').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Drop' }).click()
  await page.getByText('2 dead letters deleted.').waitFor()
  await page.getByRole('link', { name: 'Now' }).click()
  await page.getByRole('heading', { name: 'Delivering, but many events fail' }).waitFor()
  await page.getByText('1 dead letter is kept now.').waitFor()
  await page.getByRole('link', { name: 'Show reasons and remedies' }).first().click()
  await page.getByRole('button', { name: 'Drop this one' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Drop' }).click()
  await page.getByText('No dead letters').waitFor()
})

test('a dead event can be replayed where it is shown, and Back returns to its group', { skip }, async (t) => {
  const installation = await install(t)
  await refuse(installation, ['f1', 'f2'], 403)
  await refuse(installation, ['r1'], 400)
  const page = await openDashboard(t, installation.url, '#/dead-letters')
  await page.getByRole('button', { name: /^1 rejected/ }).click()
  await page.getByRole('link', { name: 'conversation:created' }).click()
  await page.getByRole('button', { name: 'Drop this event' }).waitFor()
  await page.goBack()
  await page.getByText('1 of 3 dead letters.').waitFor()
  await page.goForward()
  await page.getByRole('button', { name: 'Replay this event' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Replay' }).click()
  await page.getByText('1 put back: 1 delivered, 0 failed.').waitFor()
  await page.getByText('The PATCH set').waitFor()
})

test('10,000 dead letters are counted, filtered, and replayed with progress, 500 at a time', {
  skip,
}, async (t) => {
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
  const lastRow = page.locator('tbody input').last()
  await lastRow.check()
  const bar = await page.getByRole('button', { name: 'Replay 1 selected' }).boundingBox()
  const height = await page.evaluate(() => innerHeight)
  assert.ok(bar !== null && bar.y >= 0 && bar.y < height, `the button is at ${bar?.y} of ${height}`)
  await lastRow.uncheck()
  await page.getByRole('button', { name: 'Replay these 10,000' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Replay' }).click()
  await page.getByRole('progressbar', { name: 'Changed dead letters' }).waitFor()
  await page.getByText('10,000 put back: 0 delivered, 0 failed, 10,000 wait.').waitFor()
  await until('all are pending', async () => {
    const response = await fetch(`${installation.url}/admin/status`, {
      headers: { authorization: `Bearer ${adminToken}` },
    })
    return ((await response.json()) as { inbox: { replayed: number } }).inbox.replayed === count
  })
  await page
    .getByText(/No live event waits before them now\. .* not delivered before .* become dead letters again/)
    .waitFor()
  await page.getByText('10,000 replayed events still wait for delivery.').waitFor()
  await page.getByRole('link', { name: 'Now' }).click()
  await page.locator('.headline').waitFor()
  await page.goBack()
  await page.getByText('10,000 put back: 0 delivered, 0 failed, 10,000 wait.').waitFor()
  await page.goto(`${installation.url}/dashboard#/events?event=id%3Amany-1`)
  await page
    .getByText('It was replayed. The service delivers replayed events after all live events.')
    .waitFor()
  await page.getByText('Last attempt, before the replay: expired').waitFor()
  await page.getByText('Replayed by an operator (dead letter before: expired)').waitFor()
  assert.equal(await page.getByText('What to do:').count(), 0)
})
