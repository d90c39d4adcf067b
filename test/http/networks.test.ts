import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAddressFilter, isAddressOrNetwork, isHttpsOrLoopback } from '../../src/http/networks.ts'

test('a network is an address with an optional prefix length other than 0', () => {
  for (const text of ['10.0.0.1', '10.0.0.0/8', '10.0.0.1/32', '::1', '2001:db8::/32', '2001:db8::1/128'])
    assert.ok(isAddressOrNetwork(text), text)
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
    assert.ok(!isAddressOrNetwork(text), text)
  for (const text of ['::1/129', 'fe80::1%eth0', 'example.com', 'loopback', '10.0.0.0/-1'])
    assert.ok(!isAddressOrNetwork(text), text)
})

test('an address in any of the networks is allowed, in every notation', () => {
  const allowed = createAddressFilter(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '2001:dead::1'])
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
  assert.ok(createAddressFilter([])('203.0.113.9'))
})

test('an https URL, or an http URL of this machine, without user, password and fragment', () => {
  for (const url of [
    'https://a.example',
    'https://10.0.0.1/keys?a=b',
    'http://localhost:80',
    'http://127.1',
    'http://[::1]:1/',
  ])
    assert.ok(isHttpsOrLoopback(url), url)
  for (const url of [
    'http://a.example',
    'http://10.0.0.1',
    'http://localhost.example',
    'http://127.0.0.1.example',
    'ftp://localhost',
    'https://user@a.example',
    'https://:password@a.example',
    'https://a.example#b',
    'a.example',
    '',
  ])
    assert.ok(!isHttpsOrLoopback(url), url)
})
