import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openProxy } from '../../src/http/open-proxy.ts'
import type { QueueTiming } from '../../src/sqs/timing.ts'
import { type ConnectProxy, startConnectProxy } from '../helpers/connect-proxy.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { until } from '../helpers/wait.ts'
import { take } from './harness.ts'

const endpoint = 'https://sqs.example.test'

const takeVia = async (
  t: TestContext,
  { url }: ConnectProxy,
  { timing, aws }: { timing?: Partial<QueueTiming>; aws?: Readonly<Record<string, string>> } = {},
) =>
  take(t, {
    endpoint,
    proxy: await openProxy({ url, noProxy: [] }),
    ...(timing && { timing }),
    ...(aws && { aws }),
  })

test('the failure names the proxy, the problem and the remedy, in the status and in the log', async (t) => {
  const proxy = await startConnectProxy(t)
  proxy.answerWith(407)
  const { failing, status, log } = await takeVia(t, proxy)
  await failing('sqs_unavailable')
  const cause = `the proxy ${proxy.name} requires credentials (407): add them to GENESYS_PROXY_URL, as http://USER:PASSWORD@HOST:PORT`
  assert.equal(status().failure?.cause, `ReceiveMessage: ${cause}`)
  const [line] = log.entries().filter(({ msg }) => msg === 'queue call failed')
  assert.deepEqual([line?.code, line?.cause], ['sqs_unavailable', cause])
})

test('a proxy that does not answer is named too', async (t) => {
  const proxy = await startConnectProxy(t)
  proxy.answerWith(0)
  const { failing, status } = await takeVia(t, proxy, { timing: { connectTimeoutMs: 50 } })
  await failing('sqs_unavailable')
  assert.match(
    status().failure?.cause ?? '',
    /^ReceiveMessage: the proxy .* did not connect to sqs\.example\.test:443 within 50 ms/,
  )
})

test('credentials of AWS STS are fetched through the proxy too', async (t) => {
  const proxy = await startConnectProxy(t, { resolve: { 'sts.example.test:443': '127.0.0.1:1' } })
  const tokenFile = join(await temporaryFolder(t), 'token')
  await writeFile(tokenFile, 'a-token')
  await takeVia(t, proxy, {
    aws: {
      AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
      AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/x',
      AWS_ENDPOINT_URL_STS: 'https://sts.example.test',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  })
  await until('AWS STS is called', () => proxy.requests.includes('sts.example.test:443'))
})
