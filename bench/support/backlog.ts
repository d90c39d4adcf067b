import { hash } from 'node:crypto'
import { statSync } from 'node:fs'
import { readConfig } from '../../src/config/config.ts'
import type { ConversationEvent } from '../../src/event.ts'
import { type Inbox, priorities } from '../../src/inbox/inbox.ts'
import { openSqliteInbox } from '../../src/inbox/sqlite/sqlite.ts'
import { createLogger } from '../../src/log/logger.ts'
import { compileRulesText } from '../../src/rules/load-rules.ts'
import { createService } from '../../src/service.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { tagCustomers } from '../../test/helpers/process.ts'
import { inForce } from '../../test/helpers/rules.ts'
import { median } from './median.ts'
import { writeSettledRows } from './settled-rows.ts'

// One part of bench/scale.ts, in a process of its own: prints its measures as JSON.
const [, , part, file = '', size = '0'] = process.argv
const events = Number(size)

/** An id as Genesys gives them: the next one is anywhere. */
const randomId = (seed: string): string =>
  hash('sha256', seed).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5')

/** Two events a participant, of the size of a real one. */
const eventOf = (index: number): ConversationEvent => ({
  identity: `id:${randomId(`event ${index}`)}`,
  type: 'conversation:created',
  conversationId: randomId(`conversation ${index >> 1}`),
  participantId: randomId(`participant ${index >> 1}`),
  occurredAt: 1_767_600_000_000 + index,
  participant: { purpose: 'customer', address: 'tel:+13175550100' },
  body: { mark: String(index), filler: 'x'.repeat(400) },
})

const open = (): Inbox => openSqliteInbox({ file, maxPending: 10_000_000, now: Date.now })

async function fill() {
  const inbox = open()
  const startedAt = performance.now()
  for (let from = 0; from < events; from += 500) {
    const batch = Array.from({ length: Math.min(500, events - from) }, (_, index) => ({
      event: eventOf(from + index),
      priority: priorities.normal,
    }))
    await inbox.append(batch)
  }
  const appendUs = ((performance.now() - startedAt) * 1000) / events
  await inbox.close()
  return { appendUs }
}

/** What the inbox keeps in typed arrays: its indexes. */
function indexBytes(): number {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().arrayBuffers
}

/** Time that passed, and processor time of all threads: other programs change the latter less. */
function startTimer() {
  const startedAt = performance.now()
  const before = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(before)
    return { us: (performance.now() - startedAt) * 1000, cpuUs: user + system }
  }
}

/** Appends to several inboxes in turn, so that whatever else the machine does slows all of them. Ratios are to the first. */
async function append() {
  const opened = file.split(',').map((path) => {
    const before = indexBytes()
    const time = startTimer()
    const inbox = openSqliteInbox({ file: path, maxPending: 10_000_000, now: Date.now })
    const open = time()
    return { inbox, open, indexBytes: indexBytes() - before, us: [] as number[], cpuUs: [] as number[] }
  })
  const first = Date.now() // other events than those of an earlier run
  for (let from = first; from < first + events; from += 500) {
    const batch = Array.from({ length: 500 }, (_, index) => ({
      event: eventOf(from + index),
      priority: priorities.normal,
    }))
    const start = ((from - first) / 500) % opened.length // the first after a pause finds cold caches: each inbox is first in turn
    for (const { inbox, us, cpuUs } of [...opened.slice(start), ...opened.slice(0, start)]) {
      const time = startTimer()
      await inbox.append(batch)
      const taken = time()
      us.push(taken.us / batch.length)
      cpuUs.push(taken.cpuUs / batch.length)
    }
  }
  const [empty] = opened
  const ratio = (taken: readonly number[], baseline: readonly number[] = []) =>
    median(taken.map((us, batch) => us / (baseline[batch] ?? Number.NaN)))
  for (const { inbox } of opened) await inbox.close()
  return {
    inboxes: opened.map(({ open, indexBytes, us, cpuUs }) => ({
      openMs: open.us / 1000,
      openCpuMs: open.cpuUs / 1000,
      indexBytes,
      appendUs: median(us),
      ratio: ratio(us, empty?.us),
      appendCpuUs: median(cpuUs),
      cpuRatio: ratio(cpuUs, empty?.cpuUs),
    })),
  }
}

/** Claims and settles as the dispatcher does, 20 at a time. */
async function work() {
  const inbox = open()
  const rounds = 200
  let settled = 0
  const startedAt = performance.now()
  for (let round = 0; round < rounds; round += 1) {
    const claims = await inbox.claim({ limit: 20, leaseMs: 60_000 })
    await Promise.all(
      claims.map((claim) =>
        inbox.settle(claim, {
          outcomes: claim.events.map(({ sequence }) => ({ sequence, state: 'applied' })),
        }),
      ),
    )
    settled += claims.length
  }
  const claimUs = ((performance.now() - startedAt) * 1000) / settled
  const rssMb = process.memoryUsage().rss / 1e6
  await inbox.close()
  return { claimUs, rssMb }
}

/** From the creation of the service to the first PATCH at the simulator. */
async function start() {
  const simulator = await startSimulator({ strict: false })
  const read = readConfig({
    GENESYS_CLIENT_ID: 'demo',
    GENESYS_CLIENT_SECRET: 'demo',
    GENESYS_API_URL: simulator.url,
    GENESYS_LOGIN_URL: simulator.url,
    WEBHOOK_TOKENS: 'bench-token',
    STORE_URL: `sqlite:${file}`,
    INBOX_MAX_PENDING: '10000000',
    HOST: '127.0.0.1',
    PORT: '0',
  })
  const compiled = compileRulesText(tagCustomers, 'rules.yaml')
  if (read.kind === 'invalid' || compiled.kind === 'invalid') throw new Error('the bench is not set up well')
  const startedAt = performance.now()
  const first = Promise.withResolvers<number>()
  const service = await createService({
    config: read.config,
    rules: inForce(compiled.rules),
    logger: createLogger('silent'),
    onReport: () => first.resolve(performance.now() - startedAt),
  })
  await service.start()
  const firstPatchMs = await first.promise
  await service.stop()
  await simulator.close()
  return { firstPatchMs }
}

/** Everything expires, then everything is forgotten. */
async function retain() {
  const inbox = open()
  const later = Date.now() + 1_000_000
  while ((await inbox.expire({ acceptedBefore: later, limit: 500 })) > 0);
  while ((await inbox.prune({ before: later, limit: 500 })) > 0);
  await inbox.close()
  return { fileMb: statSync(file).size / 1e6 }
}

async function settled() {
  await writeSettledRows(file, events)
  return {}
}

const parts = { fill, work, start, retain, settled, append }
const measures = await parts[part as keyof typeof parts]()
process.stdout.write(JSON.stringify(measures))
