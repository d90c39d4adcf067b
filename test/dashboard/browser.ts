import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, type TestContext } from 'node:test'
import type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  ConsoleMessage,
  Page,
  Request,
} from 'playwright-core'
import { adminToken } from '../helpers/process.ts'
import { launch, signIn } from './chromium.ts'

// One for all tests of the process: a browser per test would take a second each.
let shared: Promise<Browser> | undefined
let sharedPages: Promise<BrowserContext> | undefined
const blank = createServer((_request, response) => response.end())
after(async () => {
  await (await shared)?.close()
  blank.close()
})

/** The browser that all tests of the process share, started by the first one. */
export function sharedBrowser(): Promise<Browser> {
  shared ??= launch()
  return shared
}

/**
 * The context of pages without options of their own. A blank page of their site stays open and keeps the process that draws them,
 * because a new one for each page takes two seconds of CPU.
 */
async function openSharedPages(): Promise<BrowserContext> {
  blank.listen(0, '127.0.0.1')
  await once(blank, 'listening')
  // Each service compresses all files of the page when first asked, which takes it half a second of CPU.
  const uncompressed = { 'accept-encoding': 'identity' }
  const context = await (await sharedBrowser()).newContext({ extraHTTPHeaders: uncompressed })
  const page = await context.newPage()
  await page.goto(`http://127.0.0.1:${(blank.address() as AddressInfo).port}`)
  return context
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
  sharedPages ??= openSharedPages()
  const context = options ? await (await sharedBrowser()).newContext(options) : await sharedPages
  const page = await openPage(context)
  t.after(() => (options ? context : page).close())
  watchFaults(t, page, origin, expected)
  return page
}

async function openPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  page.setDefaultTimeout(60_000) // long enough for a busy machine
  return page
}

/** Fails the test at its end if the page reported a fault during it. */
function watchFaults(t: TestContext, page: Page, origin: string, expected: RegExp | undefined): void {
  const faults: string[] = []
  const onConsole = (message: ConsoleMessage) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return
    // The service stops before the page closes; a test that expects more says so.
    if (/net::ERR_/.test(message.text()) || expected?.test(message.text()) === true) return
    faults.push(message.text())
  }
  const onError = (error: Error) => void faults.push(error.message)
  const onRequest = (request: Request) => {
    if (!request.url().startsWith(`${origin}/`)) faults.push(`request to ${request.url()}`)
    if (request.url().includes(adminToken)) faults.push('the token is in a URL')
  }
  page.on('console', onConsole).on('pageerror', onError).on('request', onRequest)
  t.after(() => {
    page.off('console', onConsole).off('pageerror', onError).off('request', onRequest)
    assert.deepEqual(faults, [])
  })
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

let signedIn: Promise<Page> | undefined

async function openSignedIn(url: string): Promise<Page> {
  sharedPages ??= openSharedPages()
  const page = await openPage(await sharedPages)
  await page.goto(`${url}/dashboard`)
  await signIn(page)
  await page.locator('.headline').waitFor()
  return page
}

/**
 * Opens a view of the shared installation in a page that stays open and signed in, because a new page takes more than a second of CPU.
 * For tests that need no page of their own.
 */
export async function openSharedDashboard(
  t: TestContext,
  url: string,
  path: string,
  expected?: RegExp,
): Promise<Page> {
  signedIn ??= openSignedIn(url)
  const page = await signedIn
  watchFaults(t, page, new URL(url).origin, expected)
  await page.goto(`${url}/dashboard${path}`)
  return page
}
