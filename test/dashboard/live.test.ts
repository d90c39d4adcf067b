import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startInProcess } from '../helpers/in-process.ts'
import { setUp, startService } from '../helpers/process.ts'
import { openDashboard } from './browser.ts'
import { withoutBrowser } from './chromium.ts'
import { customerCall, install } from './installation.ts'

const skip = withoutBrowser

test('pausing and resuming asks first, shows the audit line, and values and the end of the service follow without a reload', {
  skip,
}, async (t) => {
  const installation = await install(t)
  const page = await openDashboard(t, installation.url, '#/controls')
  await page.getByRole('button', { name: 'Pause delivery' }).click()
  const dialog = page.getByRole('dialog', { name: 'Pause delivery?' })
  await dialog.getByLabel('Reason').fill('maintenance <b>tonight</b>')
  await dialog.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('heading', { name: 'Delivery is paused' }).waitFor()
  await page
    .getByText(/delivery paused by an operator, from 127\.0\.0\.1.*maintenance <b>tonight<\/b>/)
    .waitFor()
  await page.getByRole('link', { name: 'Paused by an operator' }).waitFor() // on every view

  await page.getByRole('button', { name: 'Change the reason' }).click()
  const change = page.getByRole('dialog', { name: 'Change the reason for the pause' })
  assert.equal(await change.getByLabel('Reason').inputValue(), 'maintenance <b>tonight</b>')
  await change.getByLabel('Reason').fill('maintenance until 18:00')
  await change.getByRole('button', { name: 'Save reason' }).click()
  await page.getByText(/^Since .*: maintenance until 18:00\./).waitFor()

  await page.getByRole('link', { name: 'Now' }).click()
  await page.getByRole('heading', { name: 'Paused by an operator' }).waitFor()
  await installation.post([1, 2, 3].map((index) => customerCall(installation, `waiting-${index}`)))
  await page.locator('.figure', { hasText: /^3 pending/ }).waitFor()

  await page.getByRole('link', { name: 'Resume it in Controls' }).click()
  await page.getByRole('button', { name: 'Resume delivery' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('heading', { name: 'Delivery is paused' }).waitFor()
  await page.getByRole('button', { name: 'Resume delivery' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click()
  await page.getByText(/delivery resumed by an operator.* after a pause of \d.* s \(from /).waitFor()
  await page.getByRole('link', { name: 'Now' }).click()
  await page.locator('.figure', { hasText: /^0 pending/ }).waitFor()
  await page.getByText('No event waits.').waitFor()

  await page.getByRole('heading', { name: 'Delivering' }).waitFor()
  await installation.stop()
  await page.getByText('The service is shutting down').first().waitFor()
  await page.getByText('Connection lost').waitFor()
})

test('a service that was killed shows as lost, and as restarted when it is back', { skip }, async (t) => {
  const { environment } = await setUp(t)
  const first = await startService(t, environment)
  const page = await openDashboard(t, first.url, '')
  await page.getByRole('heading', { name: 'Delivering' }).waitFor()
  await first.end('SIGKILL')
  await page.getByText('Connection lost').waitFor()
  await page.getByRole('heading', { name: /^Unknown since .* ago$/ }).waitFor()
  assert.equal(await page.getByRole('heading', { name: 'Delivering' }).count(), 0)
  await startInProcess(t, { ...environment, PORT: new URL(first.url).port })
  await page.getByText('The service restarted at').waitFor()
  assert.equal(await page.locator('.connection.live').count(), 1)
})

test('while the rate budget is used up, Now and a pending event say so and until when', {
  skip,
}, async (t) => {
  const installation = await install(t, { environment: { RATE_SHARE: '0.01' } }) // 3 calls in a window
  await installation.post([1, 2, 3, 4, 5].map((index) => customerCall(installation, `spent-${index}`)))
  const page = await openDashboard(t, installation.url)
  await page
    .getByRole('heading', {
      name: /^Delivering, up to the rate budget; the next calls start at \d\d:\d\d:\d\d$/,
    })
    .waitFor()
  await page.getByText('of 3, this service made 3').waitFor()
  await page.getByText('The page says whether the budget is enough after 5 minutes of delivery.').waitFor()
  await page.getByText('The trend appears after 4 minutes of values.').waitFor()
  await page.getByRole('row', { name: /^Node/ }).getByText('delivers', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'Show pending events' }).click()
  await page.getByText('the longest wait first').waitFor()
  const rows = page.locator('tbody tr')
  await rows.nth(1).waitFor()
  assert.match((await rows.first().textContent()) ?? '', /waits.*conversation-spent-4/)
  await rows.first().getByRole('link', { name: 'conversation:created' }).click()
  await page
    .getByText(/The next calls start at \d\d:\d\d:\d\d\. 2 events wait in all; the service delivers urgent/)
    .waitFor()
})

test('Now says why nothing is delivered, and what to do', { skip }, async (t) => {
  const installation = await install(t)
  installation.simulator.addFault({ match: { path: '/oauth/token' }, times: 1_000, status: 401 })
  const page = await openDashboard(t, installation.url)
  await installation.post(customerCall(installation, 'refused'))
  await page.getByRole('heading', { name: 'Not delivering' }).waitFor()
  await page.getByText('Genesys Cloud refused the OAuth client').waitFor()
  await page.getByText('Check GENESYS_CLIENT_ID').waitFor()
  await page.getByText(/^Since \d\d:\d\d:\d\d\. (Next try at|The service tries again)/).waitFor()
  await page.getByRole('row', { name: /^Node/ }).getByText('cannot deliver').waitFor()
})
