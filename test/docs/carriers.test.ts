import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { urlOf } from '../../src/http/server.ts'
import { carrierNames } from '../../src/ingest/carriers/carrier.ts'
import { maxDepth, maxInflatedBytes } from '../../src/ingest/carriers/carriers.ts'
import { startIngest } from '../helpers/ingest-server.ts'
import { fencesOf, readPage } from './markdown.ts'

const missing = ['bash', 'curl', 'base64'].filter(
  (program) => spawnSync(program, ['--help']).error !== undefined,
)
const skip = missing.length > 0 && !process.env.CI ? `not on this machine: ${missing.join(', ')}` : false
const bash = promisify(execFile)
const page = await readPage('docs/relays/carriers.md')

test('the commands of docs/relays/carriers.md work unchanged', { skip }, async (t) => {
  const { server, details } = await startIngest(t, {
    auth: { tokens: ['demo-token'] },
    now: () => 1767603601000,
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const env = { PATH: process.env.PATH, SERVICE: urlOf(server, '127.0.0.1') }
  const fences = fencesOf(page)
  for (const [index, { info, text, line }] of fences.entries()) {
    if (info !== 'sh' || text.startsWith('SERVICE=')) continue
    await t.test(`docs/relays/carriers.md:${line}`, async () => {
      const { stdout } = await bash('bash', ['-euo', 'pipefail', '-c', text], { env })
      const answer = fences[index + 1]
      assert.equal(answer?.info, 'json', 'a command is followed by its answer')
      assert.deepEqual(JSON.parse(stdout), JSON.parse(answer?.text ?? ''))
    })
  }
  // Records of Kinesis and of CloudWatch Logs come from Lambda, like those of SQS.
  const tried = carrierNames.filter((name) => details.carriers.get(name) !== 0)
  assert.deepEqual(
    carrierNames.filter((name) => !tried.includes(name)),
    ['cloudwatch_logs', 'kinesis'],
  )
})

test('docs/relays/carriers.md names the limits of the code', () => {
  assert.match(page, new RegExp(`takes off up to ${maxDepth} carriers`))
  assert.match(page, new RegExp(`expand to ${maxInflatedBytes / 1_048_576} MiB together`))
})
