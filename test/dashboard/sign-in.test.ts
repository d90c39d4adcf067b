import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adminToken } from '../helpers/process.ts'
import { newPage } from './browser.ts'
import { signIn, withoutBrowser } from './chromium.ts'
import { startPrefixProxy } from './prefix-proxy.ts'
import { sharedInstallation } from './shared-installation.ts'

const skip = withoutBrowser

test('a wrong token is refused with a reason, and the right one opens the page for this tab', {
  skip,
}, async (t) => {
  const { url } = await sharedInstallation()
  const page = await newPage(t, url, { expected: /401/ })
  await page.goto(`${url}/dashboard`)
  await signIn(page, 'wrong-token')
  await page.getByText('This is not the admin token').waitFor()
  assert.equal(await page.evaluate(() => sessionStorage.length + localStorage.length), 0)
  await signIn(page)
  await page.getByRole('heading', { name: 'Delivering' }).waitFor()
  assert.equal(page.url(), `${url}/dashboard`)
  assert.equal(await page.evaluate(() => localStorage.length + document.cookie.length), 0)
  await page.reload()
  await page.getByRole('heading', { name: 'Delivering' }).waitFor()
  const tab = await page.context().newPage()
  await tab.goto(`${url}/dashboard`)
  await tab.getByLabel('Admin token').waitFor()
  await tab.close()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('Admin token').waitFor()
  assert.equal(await page.evaluate(() => sessionStorage.length), 0)
})

test('a token that is no longer valid leads back to the sign-in with the reason', { skip }, async (t) => {
  const { url } = await sharedInstallation()
  const page = await newPage(t, url, { expected: /401/ })
  await page.addInitScript(() => sessionStorage.setItem('genesys-enricher-admin-token', 'token-of-yesterday'))
  await page.goto(`${url}/dashboard#/events`)
  await page.getByText('The service does not accept this token').waitFor()
})

test('the page works below a path that a proxy adds', { skip }, async (t) => {
  const { url } = await sharedInstallation()
  const proxied = await startPrefixProxy(t, '/tools/enricher', url)
  const page = await newPage(t, new URL(proxied).origin)
  await page.goto(`${proxied}/dashboard/`)
  await signIn(page, adminToken)
  await page.getByRole('heading', { name: 'Delivering' }).waitFor()
  assert.equal(page.url(), `${proxied}/dashboard`)
  await page.getByRole('link', { name: 'Rules' }).first().click()
  await page.getByText('vip by phone number').first().waitFor()
})
