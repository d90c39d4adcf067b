import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostResult } from '../../src/doctor/host-result.ts'

const url = 'https://login.mypurecloud.ie'
const failed = (stage: 'dns' | 'tcp' | 'tls', code: string) =>
  hostResult('login-host', url, { kind: 'failed', stage, code })

test('a verified host shows its address and the version of TLS', () => {
  assert.deepEqual(
    hostResult('login-host', url, { kind: 'connected', address: '192.0.2.7', tls: 'TLSv1.3' }),
    {
      check: 'login-host',
      result: 'ok',
      finding: 'login.mypurecloud.ie (192.0.2.7), TLSv1.3',
    },
  )
})

test('plain HTTP to another machine is a warning, on this machine it is fine', () => {
  const plain = (address: string) =>
    hostResult('api-host', 'http://simulator:9090', { kind: 'connected', address, tls: undefined })
  assert.equal(plain('192.0.2.7').result, 'warning')
  assert.equal(plain('127.0.0.1').result, 'ok')
  assert.equal(plain('::1').result, 'ok')
  assert.equal(plain('::ffff:127.0.0.1').result, 'ok')
})

test('the warning for plain HTTP names what passes to that host', () => {
  const plain = { kind: 'connected', address: '192.0.2.7', tls: undefined } as const
  const login = hostResult('login-host', 'http://login.example', plain)
  const api = hostResult('api-host', 'http://api.example', plain)
  assert.match(login.finding, /can read the client secret and the token$/)
  assert.match(api.finding, /can read the token and the attributes$/)
})

test('regression: an IPv6 address in the URL was shown twice', () => {
  const connection = { kind: 'connected', address: '2001:db8::7', tls: 'TLSv1.3' } as const
  const { finding } = hostResult('api-host', 'https://[2001:db8::7]:8443', connection)
  assert.equal(finding, '[2001:db8::7]:8443, TLSv1.3')
})

for (const [stage, code, finding, remedy] of [
  ['dns', 'ENOTFOUND', /^the name login\.mypurecloud\.ie cannot be resolved \(ENOTFOUND\)$/, /GENESYS_ENV/],
  ['tcp', 'timeout', /^login\.mypurecloud\.ie cannot be reached \(timeout\)$/, /firewall/],
  ['tls', 'CERT_NOT_YET_VALID', /TLS fails \(CERT_NOT_YET_VALID\)$/, /clock of this machine/],
  ['tls', 'CERT_HAS_EXPIRED', /TLS fails \(CERT_HAS_EXPIRED\)$/, /clock of this machine.*must renew it/],
  ['tls', 'SELF_SIGNED_CERT_IN_CHAIN', /TLS fails/, /NODE_EXTRA_CA_CERTS/],
  ['tls', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /TLS fails/, /NODE_EXTRA_CA_CERTS/],
  ['tls', 'ERR_TLS_CERT_ALTNAME_INVALID', /TLS fails/, /belongs to another host/],
  ['tls', 'ECONNRESET', /TLS fails/, /firewall may cut/],
] as const) {
  test(`${stage} ${code}: the finding and its remedy`, () => {
    const result = failed(stage, code)
    assert.equal(result.result, 'failed')
    assert.match(result.finding, finding)
    assert.match(result.remedy ?? '', remedy)
  })
}
