import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newPage, openDashboard, openSharedDashboard } from './browser.ts'
import { signIn, withoutBrowser } from './chromium.ts'
import { customerCall } from './installation.ts'
import { sharedInstallation } from './shared-installation.ts'

const skip = withoutBrowser

test('an event is found by conversation, participant and event id, and an unknown id says what to check', {
  skip,
}, async (t) => {
  const installation = await sharedInstallation()
  await installation.post(['found-1', 'found-2'].map((name) => customerCall(installation, name)))
  await installation.settled()
  const page = await openSharedDashboard(t, installation.url, '#/events', /404/)
  const rows = page.locator('tbody tr')
  await rows.nth(1).waitFor()
  for (const id of ['conversation-found-1', 'participant-found-1', 'event-found-1']) {
    await page.getByLabel('Conversation, participant or event id').fill(id)
    await page.keyboard.press('Enter')
    await page.getByText(/(The event with this id|of this conversation|of this participant)/).waitFor()
    assert.equal(await rows.count(), 1, id)
    assert.match(
      (await rows.first().textContent()) ?? '',
      /applied.*conversation:created.*conversation-found-1|conversation-found/,
    )
    await page.getByLabel('Conversation, participant or event id').fill('')
    await page.keyboard.press('Enter')
    await page.getByText('The newest events first.').waitFor()
  }
  await page.getByLabel('Conversation, participant or event id').fill('nobody')
  await page.keyboard.press('Enter')
  await page.getByText('No event found').waitFor()
  await page.getByText('An operator may have dropped it').waitFor()
  await page.getByLabel('Conversation, participant or event id').fill('FOUND-1')
  await page.keyboard.press('Enter')
  await page.getByText('have it as a part of an id').waitFor()
  assert.equal(await rows.count(), 1)
  await page.getByLabel('State').selectOption('dead')
  await page.getByText('No event found').waitFor()
})

test('the case of a UUID does not matter, and the list says that newer events were accepted', {
  skip,
}, async (t) => {
  const installation = await sharedInstallation()
  const conversationId = 'f0a1c2d3-0000-4000-8000-00000000abcd'
  await installation.post(
    customerCall(installation, 'upper', { conversationId, type: 'conversation:updated' }),
  )
  await installation.settled()
  const page = await openDashboard(t, installation.url, `#/events?search=${conversationId.toUpperCase()}`, {
    expected: /404/,
  })
  await page.getByText('Events of this conversation, newest first.').waitFor()
  await page.getByText('1 event: 1 unchanged (no rule matched: 1); no attribute set.').waitFor()
  await page.getByRole('link', { name: conversationId }).waitFor()
  await page.getByText('as of').waitFor()
  await installation.post(customerCall(installation, 'newer'))
  await page.getByText('since then, 1 event accepted in all').waitFor()
})

test('the life of an event has its timeline, the missing field, merged events and the correlation id', {
  skip,
}, async (t) => {
  const installation = await sharedInstallation()
  const page = await openSharedDashboard(t, installation.url, '#/now')
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await installation.admin('POST', '/admin/delivery/pause')
  await page.getByText('No reason given. Since').waitFor()
  await installation.post([
    customerCall(installation, 'life-1'),
    customerCall(installation, 'life-1', {
      id: 'event-life-2',
      type: 'conversation:updated',
      language: 'de',
    }),
    customerCall(installation, 'life-1', {
      id: 'event-life-3',
      type: 'conversation:updated',
      language: 'fr',
    }),
  ])
  await installation.admin('POST', '/admin/delivery/resume')
  await installation.settled()
  await page.getByRole('link', { name: 'Events', exact: true }).click()
  await page.getByRole('link', { name: 'conversation:created', description: 'id:event-life-1' }).click()
  await page.getByText('Accepted and stored').waitFor()
  await page.getByText('Applied: the PATCH was accepted').waitFor()
  await page.getByText('Missing field: event.queueId').waitFor()
  await page.getByText('Sets vip_status, support_tier').waitFor()
  await page.getByRole('link', { name: 'id:event-life-2' }).waitFor()
  await page.getByText(/^status 20\d$/).waitFor()
  await page.getByRole('button', { name: 'Copy the correlation id' }).click()
  await page.getByText('Copied').waitFor()
  const { api } = (await installation.admin('GET', '/admin/events/event-life-1')) as {
    api: { correlationId: string }
  }
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), api.correlationId)
  await page.getByRole('link', { name: 'id:event-life-2' }).click()
  await page.getByText('was not sent: it was replaced by the later event id:event-life-3').waitFor()
})

test('times are local, with UTC on hover', { skip }, async (t) => {
  const installation = await sharedInstallation()
  await installation.post(customerCall(installation, 'early', { occurredAt: '2026-02-03T23:30:00Z' }))
  await installation.settled()
  const page = await newPage(t, installation.url)
  const debug = await page.context().newCDPSession(page)
  await debug.send('Emulation.setTimezoneOverride', { timezoneId: 'Asia/Tokyo' })
  await page.goto(`${installation.url}/dashboard#/events?event=event-early`)
  await signIn(page)
  const occurred = page.locator('time[datetime="2026-02-03T23:30:00.000Z"]')
  await occurred.waitFor()
  assert.equal(await occurred.textContent(), '4 Feb 2026, 08:30:00.000')
  assert.equal(await occurred.getAttribute('title'), '2026-02-03 23:30:00 UTC')
})

test('an unchanged event says why no PATCH was sent', { skip }, async (t) => {
  const installation = await sharedInstallation()
  await installation.post(customerCall(installation, 'nothing', { type: 'conversation:updated' }))
  await installation.settled()
  const page = await openSharedDashboard(t, installation.url, '#/events?event=event-nothing')
  await page.getByText('The service sent no PATCH: no rule matched.').waitFor()
})
