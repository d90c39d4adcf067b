import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { urlOf } from '../../src/http/server.ts'
import { startWithEveryCredential } from '../helpers/every-credential.ts'
import { fencesOf, readPage } from './markdown.ts'

const missing = ['bash', 'curl', 'openssl'].filter(
  (program) => spawnSync(program, ['--help']).error !== undefined,
)
const skip = missing.length > 0 && !process.env.CI ? `not on this machine: ${missing.join(', ')}` : false
const bash = promisify(execFile)
const page = await readPage('docs/relays/credentials.md')

test('the commands of docs/relays/credentials.md work unchanged, each with its own scheme', {
  skip,
}, async (t) => {
  const secret = 'whsec_c2VjcmV0IG9mIHRoZSByZWxheQ=='
  const { server, uses, jwt } = await startWithEveryCredential(t, {
    tokens: ['demo-token'],
    secrets: ['another-secret-1', secret],
    hmacHeader: 'X-Outpost-Signature',
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const env = {
    PATH: process.env.PATH,
    SERVICE: urlOf(server, '127.0.0.1'),
    SECRET: secret,
    TOKEN: jwt,
  }
  const fences = fencesOf(page)
  for (const [index, { info, text, line }] of fences.entries()) {
    if (info !== 'sh' || text.startsWith('SERVICE=')) continue
    await t.test(`docs/relays/credentials.md:${line}`, async () => {
      const { stdout } = await bash('bash', ['-euo', 'pipefail', '-c', text], { env })
      const answer = fences[index + 1]
      assert.equal(answer?.info, 'json', 'a command is followed by its answer')
      assert.deepEqual(JSON.parse(stdout), JSON.parse(answer?.text ?? ''))
    })
  }
  assert.deepEqual(uses, ['standard_webhooks 2', 'hmac_header 2', 'hmac_header 2', 'jwt 1', 'token 1'])
})
