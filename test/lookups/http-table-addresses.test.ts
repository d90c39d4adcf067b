import assert from 'node:assert/strict'
import type { LookupFunction } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createHttpTable } from '../../src/lookups/http-table.ts'
import { httpLookupSchema } from '../../src/lookups/lookup-schema.ts'
import { serve } from '../genesys/harness.ts'

/** A server on this machine, and a table that asks `crm.example.com`, whose address is `address`. */
async function setUp(t: TestContext, address: string, lookup: Readonly<Record<string, unknown>>) {
  let connections = 0
  let resolved = 0
  const { server, url } = await serve(t, (_request, response) => response.end('{"tier":"gold"}'))
  server.on('connection', () => {
    connections += 1
  })
  const dnsLookup: LookupFunction = (_hostname, { all }, callback) => {
    resolved += 1
    const family = address.includes(':') ? 6 : 4
    if (all === true) callback(null, [{ address, family }])
    else callback(null, address, family)
  }
  const scheme = lookup.allowPrivate === true ? 'http' : 'https'
  const table = createHttpTable(
    httpLookupSchema.parse({ url: `${scheme}://crm.example.com:${new URL(url).port}/{key}`, ...lookup }),
    { folder: '/', now: () => performance.now(), random: Math.random, dnsLookup },
  )
  t.after(table.close)
  return { table, connections: () => connections, resolved: () => resolved }
}

for (const address of [
  '127.0.0.1',
  '::1',
  '::ffff:127.0.0.1',
  '10.0.0.1',
  '169.254.169.254',
  'fd00:ec2::254',
]) {
  test(`a name that leads to ${address} is refused, and nobody is connected to`, async (t) => {
    const { table, connections, resolved } = await setUp(t, address, {})
    await table.fetch('a')
    assert.deepEqual(table.peek('a'), { kind: 'failed', cause: 'address_refused' })
    assert.equal(connections(), 0)
    // Not again after the check: a second answer could be another one (DNS rebinding).
    assert.equal(resolved(), 1)
  })
}

test('with allowPrivate such a name is asked', async (t) => {
  const { table, connections, resolved } = await setUp(t, '127.0.0.1', { allowPrivate: true })
  await table.fetch('a')
  assert.equal(table.peek('a').kind, 'row')
  assert.deepEqual([connections(), resolved()], [1, 1])
})
