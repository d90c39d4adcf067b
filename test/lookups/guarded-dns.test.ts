import assert from 'node:assert/strict'
import type { LookupAddress, LookupOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { test } from 'node:test'
import { addressRefused, guardDns } from '../../src/lookups/guarded-dns.ts'

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
