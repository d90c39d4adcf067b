import assert from 'node:assert/strict'
import type { LookupFunction } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createHttpTable } from '../../src/lookups/http-table.ts'
import { httpLookupSchema } from '../../src/lookups/lookup-schema.ts'
import { serve } from '../genesys/harness.ts'

/** A server on this machine, and a table that calls `crm.example.com`, which resolves to `address`. */
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
  test(`a host name that resolves to ${address} is refused without a connection`, async (t) => {
    const { table, connections, resolved } = await setUp(t, address, {})
    await table.fetch('a')
    assert.deepEqual(table.peek('a'), { kind: 'failed', cause: 'address_refused' })
    assert.equal(connections(), 0)
    // Not resolved again after the check: the address could change (DNS rebinding).
    assert.equal(resolved(), 1)
  })
}

test('allowPrivate allows a host name that resolves to a private address', async (t) => {
  const { table, connections, resolved } = await setUp(t, '127.0.0.1', { allowPrivate: true })
  await table.fetch('a')
  assert.equal(table.peek('a').kind, 'row')
  assert.deepEqual([connections(), resolved()], [1, 1])
})
