import { openInbox } from '../../src/inbox/open-inbox.ts'
import { transferInbox } from '../../src/inbox/transfer/transfer.ts'

// One copy of bench/migrate.ts, in a process of its own: prints its measures as JSON.
const [from = '', to = ''] = process.argv.slice(2)
const client = 'bench'
const startedAt = performance.now()
let comparedAt = 0
const result = await transferInbox({
  from,
  to,
  client,
  restart: false,
  onProgress: (step, done, total) => {
    if (step === 'compared' && comparedAt === 0) comparedAt = performance.now()
    process.send?.([step, done, total])
  },
})
if (result.differences.length > 0) throw new Error(result.differences.join('\n'))
const endedAt = performance.now()
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
const inbox = await openInbox({ url: to, client, maxPending: 1_000_000, now: Date.now })
const { pending } = await inbox.stats()
const openMs = performance.now() - endedAt
await inbox.close()
console.log(
  JSON.stringify({
    copySeconds: (comparedAt - startedAt) / 1_000,
    compareSeconds: (endedAt - comparedAt) / 1_000,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    rssMb: maxRSS / 1_024,
    openMs,
    pending,
  }),
)
process.disconnect?.()
