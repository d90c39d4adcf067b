import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { adminToken } from '../helpers/process.ts'

const folders = (process.env.PATH ?? '').split(delimiter)
/** The headless shell first: it has no windows of its own to draw, which saves a fifth of the CPU of these tests. */
const program = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome']
  .flatMap((name) => folders.map((folder) => join(folder, name)))
  .find((path) => existsSync(path))

/** The reason to skip browser tests. Never skips with CI=true. */
export const withoutBrowser: string | false =
  program === undefined && !process.env.CI ? 'not on this machine: chromium' : false

/** Starts the browser of the machine. Chromium has no sandbox for root. */
export function launch(): Promise<Browser> {
  assert.ok(program !== undefined, 'chromium is not on PATH')
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  // All pages of a site in one process: a process per page takes two seconds of CPU.
  return chromium.launch({ executablePath: program, args: [...sandbox, '--process-per-site'] })
}

export async function signIn(page: Page, token = adminToken): Promise<void> {
  await page.getByLabel('Admin token').fill(token)
  await page.getByRole('button', { name: 'Open the dashboard' }).click()
}
