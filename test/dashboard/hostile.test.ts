import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDashboard } from './browser.ts'
import { withoutBrowser } from './chromium.ts'
import { customerCall, install } from './installation.ts'

const skip = withoutBrowser

const markup = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
/** Reverses the text after it, if the page does not isolate it. */
const rightToLeft = '\u202egnp.exe\u2067'
const hostile = `${markup} ${rightToLeft} ${'x'.repeat(10_000)}`

const rules = `version: 1
rules:
  - name: ${JSON.stringify(hostile)}
    on: ["*"]
    when: participant.purpose == "customer"
    set: { tier: ${JSON.stringify(markup)} }
`

test('markup, right-to-left marks and 10,000 characters in names, messages and reasons are shown as text', {
  skip,
}, async (t) => {
  const installation = await install(t, { rules })
  installation.simulator.addFault({
    match: { method: 'PATCH', path: '/api/v2/conversations/conversation-h/*' },
    times: 1,
    status: 400,
    body: { code: 'bad.request', message: hostile },
  })
  await installation.post(
    customerCall(installation, 'h', { topic: markup, participant: { purpose: 'customer', address: markup } }),
  )
  await installation.settled()
  await installation.admin('POST', '/admin/delivery/pause', { reason: `${markup}${rightToLeft}` })
  const page = await openDashboard(t, installation.url, '', { expected: /404/ })
  await page.getByRole('heading', { name: 'Paused by an operator' }).waitFor()

  const noMarkup = async (view: string) => {
    assert.equal(await page.locator('#app img, #app script').count(), 0, view)
    assert.match(await page.title(), /genesys-enricher$/, view)
    const wider = await page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    )
    assert.equal(wider, false, `${view} is wider than the window`)
  }
  await page.getByText(markup).first().waitFor()
  await noMarkup('now')
  for (const view of ['#/events', '#/events?event=event-h', '#/dead-letters', '#/rules', '#/controls']) {
    await page.goto(`${installation.url}/dashboard${view}`)
    await page.getByText('<img src=x onerror').first().waitFor()
    await noMarkup(view)
  }
  await page.goto(`${installation.url}/dashboard#/events?search=${encodeURIComponent(markup)}`)
  await page.getByText('No event found').waitFor()
  await noMarkup('search')
})
