import assert from 'node:assert/strict'
import { after, type TestContext } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { adminToken } from '../helpers/process.ts'
import { launch, signIn } from './chromium.ts'

// One for all tests of the process: a browser per test would take a second each.
let shared: Promise<Browser> | undefined
after(async () => (await shared)?.close())

/** The browser that all tests of the process share, started by the first one. */
export function sharedBrowser(): Promise<Browser> {
  shared ??= launch()
  return shared
}

export interface OpenOptions {
  /** Messages of failed requests that the test causes. The browser reports them as errors. */
  readonly expected?: RegExp
  readonly context?: BrowserContextOptions
}

/** Opens an empty page. The test fails on a console error, an uncaught error, a violation of the policy or another host. */
export async function newPage(
  t: TestContext,
  origin: string,
  { expected, context: options }: OpenOptions = {},
): Promise<Page> {
  const context = await (await sharedBrowser()).newContext(options)
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const faults: string[] = []
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return
    // The service stops before the page closes; a test that expects more says so.
    if (/net::ERR_/.test(message.text()) || expected?.test(message.text()) === true) return
    faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) faults.push(`request to ${request.url()}`)
    if (request.url().includes(adminToken)) faults.push('the token is in a URL')
  })
  t.after(async () => {
    await context.close()
    assert.deepEqual(faults, [])
  })
  return page
}

/** Opens a view of the dashboard, signed in. `path`: `#/events`. */
export async function openDashboard(
  t: TestContext,
  url: string,
  path = '',
  options: OpenOptions = {},
): Promise<Page> {
  const page = await newPage(t, new URL(url).origin, options)
  await page.goto(`${url}/dashboard${path}`)
  await signIn(page)
  return page
}
