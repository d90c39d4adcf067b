import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSharedDashboard } from './browser.ts'
import { withoutBrowser } from './chromium.ts'
import { customerCall } from './installation.ts'
import { sharedInstallation } from './shared-installation.ts'

const skip = withoutBrowser

test('the rules in force have their counts, and the playground compares an edited copy', {
  skip,
}, async (t) => {
  const installation = await sharedInstallation()
  await installation.post(customerCall(installation, 'counted'))
  await installation.settled()
  const page = await openSharedDashboard(t, installation.url, '#/rules', /422/)
  const undecided = page
    .getByRole('row', { name: /queue priority/ })
    .locator('td.number')
    .nth(1)
  await undecided.waitFor()
  assert.notEqual(await undecided.textContent(), '0')
  assert.equal(await undecided.getAttribute('class'), 'number') // no colour: the field may be optional

  await page.getByLabel('Sample').selectOption({ label: 'From Amazon EventBridge' })
  await page.getByRole('button', { name: 'Evaluate' }).click()
  const inForce = page.getByRole('region', { name: 'Rules in force' }).last()
  await inForce.getByText('Read as: EventBridge').waitFor()
  await inForce.getByText('vip by phone number').waitFor()
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Evaluate')

  await page.getByLabel('Sample').selectOption({ label: 'A canonical event' })
  const copy = page.getByLabel(/^Copy of the rules/)
  await copy.fill((await copy.inputValue()).replace('support_tier: platinum', 'support_tier: silver'))
  await page.getByRole('button', { name: 'Evaluate' }).click()
  const edited = page.getByRole('region', { name: 'Your copy' })
  await edited.getByRole('row', { name: 'support_tier silver differs' }).waitFor()
  await inForce.getByRole('row', { name: 'support_tier platinum differs' }).waitFor()
  await page.getByRole('link', { name: 'Now' }).click()
  await page.locator('.headline').waitFor()
  await page.goBack()
  assert.match(await page.getByLabel('Copy of the rules (edited)').inputValue(), /support_tier: silver/)

  await copy.fill('version: 1\nrules:\n  - { name: broken, on: ["*"], set: { a: "${nothing}" } }\n')
  await page.getByRole('button', { name: 'Evaluate' }).click()
  await edited.getByText(/rules:3:\d+ rules\[0\]\.set\.a/).waitFor()
  await page.getByLabel('Event as JSON').fill('{ not json')
  await page.getByRole('button', { name: 'Evaluate' }).click()
  await page.getByText('The event is not JSON').waitFor()
  const { text } = (await installation.admin('GET', '/admin/rules')) as { text: string }
  assert.match(text, /support_tier: platinum/)
})
