import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { newPage, openDashboard } from './browser.ts'
import { withoutBrowser } from './chromium.ts'
import { customerCall } from './installation.ts'
import { sharedInstallation } from './shared-installation.ts'

const skip = withoutBrowser
const axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

/**
 * The serious and critical problems that axe-core finds, in both colour schemes. Evaluated by the browser's debugger, which the page's
 * policy does not stop.
 */
async function problemsOf(page: Page): Promise<readonly string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe)
  const light = await problemsIn(page, 'light')
  // The schemes differ in colours only.
  return [...light, ...(await problemsIn(page, 'dark', ['color-contrast']))]
}

async function problemsIn(
  page: Page,
  colorScheme: 'light' | 'dark',
  rules?: string[],
): Promise<readonly string[]> {
  await page.emulateMedia({ colorScheme })
  const { violations } = await page.evaluate(async (chosen) => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }
    const onlyViolations = { resultTypes: ['violations'] } // takes less time
    return axe.run(chosen ? { ...onlyViolations, runOnly: chosen } : onlyViolations)
  }, rules)
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${colorScheme}, ${id}: ${html} ${failureSummary}`),
    )
}

const views = ['Now', 'Events', 'Dead letters', 'Rules', 'Controls']

test('axe-core finds nothing serious in any view, light and dark, and no view is wider than a phone', {
  skip,
}, async (t) => {
  const installation = await sharedInstallation()
  const path = '/api/v2/conversations/conversation-forbidden/*'
  installation.simulator.addFault({ match: { method: 'PATCH', path }, times: 1, status: 403 })
  await installation.post(['forbidden', 'fine'].map((name) => customerCall(installation, name)))
  await installation.settled()
  const viewport = { width: 375, height: 800 }
  const page = await openDashboard(t, installation.url)
  await page.setViewportSize(viewport)
  for (const view of views) {
    await page.getByRole('navigation').getByRole('link', { name: view }).click()
    await page.getByRole('heading', { name: view, level: 1 }).waitFor()
    await page.locator('.headline, tbody tr').first().waitFor()
    assert.deepEqual(await problemsOf(page), [], view)
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    assert.ok(width <= viewport.width, `${view} is ${width} pixels wide`)
    const cut = await page
      .locator('.scroll')
      .evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).length)
    assert.equal(cut, 0, `${view} has tables that are wider than the phone`)
  }
  await page.goto(`${installation.url}/dashboard#/events?event=event-forbidden`)
  await page.getByText('Dead letter: given up').waitFor()
  assert.deepEqual(await problemsOf(page), [], 'event')
  await page.getByRole('link', { name: 'Controls' }).click()
  await page.getByRole('button', { name: 'Pause delivery' }).click()
  await page.getByRole('dialog').waitFor()
  assert.deepEqual(await problemsOf(page), [], 'dialog')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  assert.deepEqual(await problemsOf(page), [], 'sign in')
})

test('everything works with the keyboard', { skip }, async (t) => {
  const { url } = await sharedInstallation()
  const page = await newPage(t, url)
  await page.goto(`${url}/dashboard`)
  await page.locator('#token:focus').waitFor()
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim())
  await page.keyboard.type('test-admin-token')
  await page.keyboard.press('Enter')
  await page.locator('.headline').waitFor()
  await page.keyboard.press('Tab')
  assert.equal(await focused(), 'Skip to content')
  for (let presses = 0; (await focused()) !== 'Controls' && presses < 10; presses += 1)
    await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Pause delivery' }).waitFor()
  for (let presses = 0; (await focused()) !== 'Pause delivery' && presses < 10; presses += 1)
    await page.keyboard.press('Tab')
  await page.keyboard.press('Space')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  assert.equal(await focused(), 'Pause delivery')
})

test('nothing moves while the first values arrive and change', { skip }, async (t) => {
  const installation = await sharedInstallation()
  const page = await newPage(t, installation.url)
  const debug = await page.context().newCDPSession(page)
  await debug.send('Network.setCacheDisabled', { cacheDisabled: true }) // another test may have loaded the files
  await page.addInitScript(() => {
    const shifts = globalThis as unknown as { shift: number }
    shifts.shift = 0
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number
        hadRecentInput: boolean
      })[])
        if (!entry.hadRecentInput) shifts.shift += entry.value
    }).observe({ type: 'layout-shift', buffered: true })
    sessionStorage.setItem('genesys-enricher-admin-token', 'test-admin-token')
  })
  await page.goto(`${installation.url}/dashboard`)
  await page.getByText('Delivering').waitFor()
  await installation.post(customerCall(installation, 'moving'))
  await page.locator('.plot canvas').last().waitFor()
  await page.getByText('as of').waitFor()
  const shift = await page.evaluate(() => (globalThis as unknown as { shift: number }).shift)
  assert.ok(shift < 0.1, String(shift))
})
