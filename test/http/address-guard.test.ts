import assert from 'node:assert/strict'
import type { LookupAddress, LookupOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { test } from 'node:test'
import { addressRefused, createAddressGuard, guardDns } from '../../src/http/address-guard.ts'

const isPublic = createAddressGuard()

const notPublic: Record<string, string[]> = {
  'this machine': ['127.0.0.1', '127.255.255.254', '0.0.0.0', '0.1.2.3', '::1', '::'],
  'private networks': [
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    'fd12:3456::1',
    'fc00::1',
  ],
  'the link': ['169.254.1.1', 'fe80::1', 'fe80::1%eth0', 'febf::1'],
  'services of clouds': [
    '169.254.169.254',
    '168.63.129.16',
    '100.100.100.200',
    '192.0.0.192',
    'fd00:ec2::254',
  ],
  'many at once': ['224.0.0.1', '239.255.255.255', '255.255.255.255', 'ff02::1'],
  'for examples and tests': [
    '192.0.2.1',
    '198.51.100.1',
    '203.0.113.1',
    '198.18.0.1',
    '2001:db8::1',
    '3fff::1',
  ],
  reserved: ['240.0.0.1', '4000::1', '100::1', 'fec0::1'],
  'IPv4 in IPv6': [
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:10.0.0.1',
    '::127.0.0.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::1',
    '2002:7f00:1::',
    '2001::1',
  ],
  'no addresses': ['', 'localhost', '1.2.3', '2130706433', '0x7f.1', '[::1]'],
}

for (const [kind, addresses] of Object.entries(notPublic)) {
  test(`not public: ${kind}`, () => {
    for (const address of addresses) assert.equal(isPublic(address), false, address)
  })
}

test('public', () => {
  for (const address of [
    '8.8.8.8',
    '172.15.255.255',
    '172.32.0.1',
    '192.167.255.255',
    '100.63.255.255',
    '100.128.0.1',
    '223.255.255.255',
    '168.63.129.17',
    '2606:4700:4700::1111',
    '2a00:1450:4001::1',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
  ])
    assert.equal(isPublic(address), true, address)
})

const isAllowed = (address: string): boolean => address.startsWith('8.')

const resolving =
  (...addresses: string[]): LookupFunction =>
  (_hostname, { all }, callback) => {
    if (all === true)
      callback(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      )
    else callback(null, addresses[0] ?? '', 4)
  }

const lookUp = (lookup: LookupFunction, options: LookupOptions) =>
  new Promise<string | LookupAddress[] | undefined>((resolve) => {
    lookup('crm.example.com', options, (error, address) => resolve(error?.code ?? address))
  })

test('an allowed address is returned in the requested form', async () => {
  assert.equal(await lookUp(guardDns(resolving('8.8.8.8'), isAllowed), {}), '8.8.8.8')
  assert.deepEqual(await lookUp(guardDns(resolving('8.8.8.8', '8.8.4.4'), isAllowed), { all: true }), [
    { address: '8.8.8.8', family: 4 },
    { address: '8.8.4.4', family: 4 },
  ])
})

test('one address that is not allowed refuses the host name', async () => {
  assert.equal(await lookUp(guardDns(resolving('10.0.0.1'), isAllowed), {}), addressRefused)
  assert.equal(
    await lookUp(guardDns(resolving('8.8.8.8', '10.0.0.1'), isAllowed), { all: true }),
    addressRefused,
  )
})

test('a host name without addresses is refused, and an unknown host name fails', async () => {
  assert.equal(await lookUp(guardDns(resolving(), isAllowed), { all: true }), addressRefused)
  const failing: LookupFunction = (_hostname, _options, callback) =>
    callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), '', 0)
  assert.equal(await lookUp(guardDns(failing, isAllowed), {}), 'ENOTFOUND')
})
