import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { after, type TestContext } from 'node:test'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { adminToken } from '../helpers/process.ts'

const program = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap((folder) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)))
  .find((path) => existsSync(path))

/** The reason to skip browser tests. Never skips with CI=true. */
export const withoutBrowser: string | false =
  program === undefined && !process.env.CI ? 'not on this machine: chromium' : false

/** Starts the browser of the machine. Chromium has no sandbox for root. */
export function launch(): Promise<Browser> {
  assert.ok(program !== undefined, 'chromium is not on PATH')
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath: program, args: sandbox })
}

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

export async function signIn(page: Page, token = adminToken): Promise<void> {
  await page.getByLabel('Admin token').fill(token)
  await page.getByRole('button', { name: 'Open the dashboard' }).click()
}
