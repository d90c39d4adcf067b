import { writeFile } from 'node:fs/promises'
import { Session } from 'node:inspector/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startService } from '../src/embed/start-service.ts'
import { startSimulator } from '../src/simulator/simulator.ts'
import { temporaryFolder } from '../test/helpers/folder.ts'
import { oneRule } from '../test/helpers/rules.ts'
import { until } from '../test/helpers/wait.ts'

// Files of src that one canonical event enters from the request to its outcome, by V8's coverage: how many files a reader of
// this way must open. The start and the stop of the service do not count, nor does the simulator.

const source = new URL('../src/', import.meta.url).href
const releases: (() => unknown)[] = []
const owner = { after: (release: () => unknown) => releases.unshift(release) }
const folder = await temporaryFolder(owner)
const simulator = await startSimulator({ strict: false })
owner.after(() => simulator.close())
await writeFile(join(folder, 'rules.yaml'), oneRule('on: [conversation:created], set: { channel: voice }'))

const coverage = new Session()
coverage.connect()
await coverage.post('Profiler.enable')
await coverage.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })

const service = await startService({
  environment: {
    GENESYS_CLIENT_ID: 'demo',
    GENESYS_CLIENT_SECRET: 'demo',
    GENESYS_API_URL: simulator.url,
    GENESYS_LOGIN_URL: simulator.url,
    WEBHOOK_TOKENS: 'relay-token',
    HOST: '127.0.0.1',
    PORT: '0',
    RULES_FILE: join(folder, 'rules.yaml'),
    STORE_URL: `sqlite:${join(folder, 'inbox.db')}`,
  },
  log: { write: () => {} },
})
owner.after(() => service.stop())

await coverage.post('Profiler.takePreciseCoverage') // forgets the calls so far
const response = await fetch(`${service.url}/webhooks/genesys`, {
  method: 'POST',
  headers: { 'x-api-key': 'relay-token', 'content-type': 'application/json' },
  body: JSON.stringify({ type: 'conversation:created', conversationId: 'c1', participantId: 'p1' }),
})
await until('the event is applied', () => service.totals().applied === 1)
const { result } = await coverage.post('Profiler.takePreciseCoverage')

const entered = result
  .filter(({ url }) => url.startsWith(source) && !url.startsWith(`${source}simulator/`))
  .filter(({ functions }) => functions.some(({ ranges }) => ranges.some(({ count }) => count > 0)))
  .map(({ url }) => fileURLToPath(url).slice(fileURLToPath(source).length))
  .sort()
for (const release of releases) await release()
console.log(entered.join('\n'))
console.log(`${entered.length} files entered by one event (answer ${response.status})`)
