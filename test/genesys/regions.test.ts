import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRegion, regions } from '../../src/genesys/regions.ts'

test('the regions of the official SDKs are known, similar domains are not', () => {
  for (const region of ['mypurecloud.com', 'mypurecloud.de', 'usw2.pure.cloud', 'use2.us-gov-pure.cloud'])
    assert.ok(isRegion(region), region)
  for (const other of [
    '',
    'pure.cloud',
    'MYPURECLOUD.COM',
    'api.mypurecloud.com',
    'mypurecloud.com.evil.test',
  ])
    assert.ok(!isRegion(other), other)
})

test('no region is listed twice, and each is a bare domain', () => {
  assert.equal(new Set(regions).size, regions.length)
  for (const region of regions) assert.match(region, /^[a-z0-9-]+(\.[a-z0-9-]+)+$/)
})
