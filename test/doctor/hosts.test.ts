import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkHost } from '../../src/doctor/hosts.ts'

const url = 'https://login.mypurecloud.ie'
const failed = (stage: 'dns' | 'tcp' | 'tls', code: string) =>
  checkHost('login-host', url, { kind: 'failed', stage, code })

test('a verified host shows its address and the version of TLS', () => {
  assert.deepEqual(
    checkHost('login-host', url, { kind: 'connected', address: '192.0.2.7', tls: 'TLSv1.3' }),
    {
      check: 'login-host',
      result: 'ok',
      finding: 'login.mypurecloud.ie (192.0.2.7), TLSv1.3',
    },
  )
})

test('plain HTTP to another machine is a warning, on this machine it is fine', () => {
  const plain = (address: string) =>
    checkHost('api-host', 'http://simulator:9090', { kind: 'connected', address, tls: undefined })
  assert.equal(plain('192.0.2.7').result, 'warning')
  assert.equal(plain('127.0.0.1').result, 'ok')
  assert.equal(plain('::1').result, 'ok')
})

for (const [stage, code, finding, remedy] of [
  ['dns', 'ENOTFOUND', /^the name login\.mypurecloud\.ie cannot be resolved \(ENOTFOUND\)$/, /GENESYS_ENV/],
  ['tcp', 'timeout', /^login\.mypurecloud\.ie cannot be reached \(timeout\)$/, /firewall/],
  ['tls', 'CERT_NOT_YET_VALID', /TLS fails \(CERT_NOT_YET_VALID\)$/, /clock of this machine/],
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
