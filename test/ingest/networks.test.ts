import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createAllowed, isNetwork, senderOf } from '../../src/ingest/networks.ts'

test('a network is an address with an optional prefix length other than 0', () => {
  for (const text of ['10.0.0.1', '10.0.0.0/8', '10.0.0.1/32', '::1', '2001:db8::/32', '2001:db8::1/128'])
    assert.ok(isNetwork(text), text)
  for (const text of [
    '',
    '10',
    '10.0.0.0/',
    '10.0.0.0/0',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '::/0',
  ])
    assert.ok(!isNetwork(text), text)
  for (const text of ['::1/129', 'fe80::1%eth0', 'example.com', 'loopback', '10.0.0.0/-1'])
    assert.ok(!isNetwork(text), text)
})

test('an address in any of the networks is allowed, in every notation', () => {
  const allowed = createAllowed(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '2001:dead::1'])
  for (const address of ['10.255.0.1', '::ffff:10.0.0.1', '192.0.2.7', '2001:DB8:0:0::9', '2001:dead:0::1'])
    assert.ok(allowed(address), address)
  for (const address of [
    '11.0.0.1',
    '192.0.2.8',
    '::ffff:11.0.0.1',
    '2001:db9::1',
    '2001:dead::2',
    'unknown',
    '',
  ])
    assert.ok(!allowed(address), address)
})

test('without networks, every address is allowed', () => {
  assert.ok(createAllowed([])('203.0.113.9'))
})

test('the sender key is the /64 network for IPv6 and the whole address for IPv4', () => {
  for (const [address, sender] of [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::2:3:4:5:6:7:8', '0:2:3:4::/64'],
    ['1:2::', '1:2:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
    ['x'.repeat(10_000), 'unknown'],
    ['', 'unknown'],
  ] as const)
    assert.equal(senderOf(address), sender)
})

test('property: two IPv6 addresses share a key if and only if their first 64 bits are equal', () => {
  const group = fc.constantFrom('0', '1', 'ab', 'ffff')
  const groups = fc.array(group, { minLength: 8, maxLength: 8 })
  const mapped = (written: string) => written.startsWith('0:0:0:0:0:ffff:')
  fc.assert(
    fc.property(groups, groups, (a, b) => {
      fc.pre(!mapped(a.join(':')) && !mapped(b.join(':')))
      const shared = a.slice(0, 4).join() === b.slice(0, 4).join()
      assert.equal(senderOf(a.join(':')) === senderOf(b.join(':')), shared)
    }),
    { numRuns: 500 },
  )
})
