/**
 * Makes the pictures of the dashboard in docs/images, light and dark, from a service with the simulator. Needs chromium.
 *
 * Usage: node scripts/screenshots.ts
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import type { Sample } from '../src/dashboard/answer-types.ts'
import { launch, signIn } from '../test/dashboard/chromium.ts'
import { customerCall, type Installation, install } from '../test/dashboard/installation.ts'

const target = fileURLToPath(new URL('../docs/images/', import.meta.url))
const releases: (() => unknown)[] = []
const owner = { after: (release: () => unknown) => releases.unshift(release) }

/** A busy hour with a short outage, because the service has only just started. */
function busyHour(now: number): readonly Sample[] {
  return Array.from({ length: 360 }, (_, index) => {
    const wave = Math.sin(index / 40) + Math.sin(index / 7) / 3 + Math.sin(index * 12.9898) / 4
    const accepted = Math.max(0, Math.round(14 + 8 * wave))
    const outage = index > 220 && index < 246
    const catchUp = index >= 246 && index < 268
    const applied = outage ? 0 : Math.round(accepted * 0.7) + (catchUp ? 9 : 0)
    const pending = outage ? (index - 220) * 10 : catchUp ? (268 - index) * 11 : index % 3
    return {
      at: new Date(now - (359 - index) * 10_000).toISOString(),
      accepted,
      applied,
      unchanged: outage ? 0 : Math.round(accepted * 0.3),
      dead: index % 90 === 50 ? 1 : 0,
      calls: outage ? 1 : applied,
      rateLimited: index === 221 ? 1 : 0,
      pending,
      oldestPendingMs: pending * 1_000,
      p50Ms: outage ? null : catchUp ? 24_000 : 90 + 30 * wave,
      p95Ms: outage ? null : catchUp ? 61_000 : 210 + 90 * wave,
      recentP50Ms: 90,
      recentP95Ms: 210,
    }
  })
}

/** Puts the samples into the first event of the live stream. */
function withSamples(samples: readonly Sample[]): void {
  const fetchFromService = globalThis.fetch
  globalThis.fetch = async (...request) => {
    const response = await fetchFromService(...request)
    if (response.body === null || !String(request[0]).endsWith('admin/live')) return response
    const changed = response.body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(
        new TransformStream<string, string>({
          transform: (text, stream) =>
            stream.enqueue(
              text.replace(/"samples":\[[^\]]*\]/, () => `"samples":${JSON.stringify(samples)}`),
            ),
        }),
      )
      .pipeThrough(new TextEncoderStream())
    return new Response(changed, response)
  }
}

async function fill(installation: Installation): Promise<void> {
  const { simulator } = installation
  const refuse = (name: string, status: number) =>
    simulator.addFault({
      match: { method: 'PATCH', path: `/api/v2/conversations/conversation-${name}/*` },
      times: 1,
      status,
    })
  for (const index of [1, 2, 3, 4]) refuse(`billing-${index}`, 403)
  for (const index of [1, 2]) refuse(`returns-${index}`, 400)
  const calls = [
    'billing-1',
    'billing-2',
    'billing-3',
    'billing-4',
    'returns-1',
    'returns-2',
    'sales-1',
    'sales-2',
    'sales-3',
  ]
  await installation.post(calls.map((name) => customerCall(installation, name)))
  await installation.settled()
  await installation.admin('POST', '/admin/delivery/pause', { reason: 'change of the OAuth client' })
  const language = { id: 'event-sales-1-language', type: 'conversation:updated', language: 'de' }
  await installation.post([
    customerCall(installation, 'sales-4', { queueId: 'q-billing' }),
    customerCall(installation, 'sales-1', language),
    customerCall(installation, 'sales-1', { ...language, id: 'event-sales-1-language-2', language: 'fr' }),
  ])
  await installation.admin('POST', '/admin/delivery/resume')
  await installation.settled()
  simulator.spend(38)
  await installation.post(customerCall(installation, 'sales-5', { participant: { purpose: 'customer' } }))
  await installation.settled()
}

/** Each state by the name of its picture. */
const states: Readonly<Record<string, (page: Page, url: string) => Promise<void>>> = {
  now: async (page) => {
    await page.locator('.plot canvas').last().waitFor()
  },
  event: async (page, url) => {
    await page.goto(`${url}/dashboard#/events?event=event-sales-1`)
    await page.getByText('Accepted and stored').waitFor()
  },
  events: async (page, url) => {
    await page.goto(`${url}/dashboard#/events`)
    await page.locator('tbody tr').first().waitFor()
  },
  'dead-letters': async (page, url) => {
    await page.goto(`${url}/dashboard#/dead-letters`)
    await page.locator('tbody tr').first().waitFor()
  },
  playground: async (page, url) => {
    await page.goto(`${url}/dashboard#/rules`)
    await page.getByLabel('Sample').selectOption({ label: 'A canonical event' })
    const copy = page.getByLabel(/^Copy of the rules/)
    await copy.fill((await copy.inputValue()).replace('support_tier: platinum', 'support_tier: gold'))
    await page.getByRole('button', { name: 'Evaluate' }).click()
    await page.getByRole('region', { name: 'Your copy' }).waitFor()
  },
  controls: async (page, url) => {
    await page.goto(`${url}/dashboard#/controls`)
    await page.getByRole('button', { name: 'Pause delivery' }).click()
    await page.getByLabel('Reason').fill('change of the OAuth client')
  },
}

const maxBytes = 100_000

/** WebP has a third of the size of PNG. The browser can write it, so this needs no library. A large picture gets a lower quality. */
async function toWebp(page: Page, picture: Buffer, quality = 0.7): Promise<Buffer> {
  const encoded = await page.evaluate(
    async ({ source, quality }) => {
      const image = await createImageBitmap(await (await fetch(source)).blob())
      const canvas = Object.assign(document.createElement('canvas'), {
        width: image.width,
        height: image.height,
      })
      canvas.getContext('2d')?.drawImage(image, 0, 0)
      return canvas.toDataURL('image/webp', quality)
    },
    { source: `data:image/png;base64,${picture.toString('base64')}`, quality },
  )
  const webp = Buffer.from(encoded.slice(encoded.indexOf(',') + 1), 'base64')
  return webp.length <= maxBytes ? webp : toWebp(page, picture, quality - 0.1)
}

await mkdir(target, { recursive: true })
const browser = await launch()
const converter = await browser.newPage()
const installation = await install(owner)
await fill(installation)
for (const colorScheme of ['light', 'dark'] as const) {
  for (const [name, show] of Object.entries(states)) {
    const context = await browser.newContext({ colorScheme, viewport: { width: 1200, height: 800 } })
    const page = await context.newPage()
    await page.addInitScript(withSamples, busyHour(Date.now()))
    await page.goto(`${installation.url}/dashboard`)
    await signIn(page)
    await page.locator('.headline').waitFor()
    await show(page, installation.url)
    await page.locator('.connection.live').waitFor()
    await page.mouse.move(0, 0)
    const picture =
      name === 'playground'
        ? await page.getByRole('region', { name: 'Playground' }).screenshot()
        : await page.screenshot({ fullPage: name !== 'controls' })
    await writeFile(`${target}dashboard-${name}-${colorScheme}.webp`, await toWebp(converter, picture))
    await context.close()
  }
}
await browser.close()
for (const release of releases) await release()
