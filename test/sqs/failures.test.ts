import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProxyError } from '../../src/http/proxy-error.ts'
import { classifyFailure } from '../../src/sqs/failures.ts'

const named = (name: string, fields: object = {}) => Object.assign(new Error('text'), { name, ...fields })

const cases = [
  ['AccessDeniedException', 'sqs_access_denied'],
  ['KmsAccessDenied', 'sqs_access_denied'],
  ['CredentialsProviderError', 'sqs_credentials_refused'],
  ['ExpiredToken', 'sqs_credentials_refused'],
  ['InvalidClientTokenId', 'sqs_credentials_refused'],
  ['SignatureDoesNotMatch', 'sqs_credentials_refused'],
  ['QueueDoesNotExist', 'sqs_queue_not_found'],
  ['AWS.SimpleQueueService.NonExistentQueue', 'sqs_queue_not_found'],
  ['KMS.AccessDeniedException', 'sqs_access_denied'],
  ['RequestThrottled', 'sqs_unavailable'],
  ['OverLimit', 'sqs_unavailable'],
  ['KmsThrottled', 'sqs_unavailable'],
  ['TimeoutError', 'sqs_unavailable'],
  ['InternalFailure', 'sqs_unavailable'],
] as const

for (const [name, code] of cases) {
  test(`${name} is ${code}`, () => {
    assert.deepEqual(classifyFailure(named(name)), { code, cause: name })
  })
}

test('a network error is named by its code', () => {
  const failure = { code: 'sqs_unavailable', cause: 'ECONNREFUSED' }
  assert.deepEqual(classifyFailure(named('Error', { code: 'ECONNREFUSED' })), failure)
  assert.deepEqual(classifyFailure(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })), failure)
})

test('a failure of the proxy keeps its text, with the remedy', () => {
  const error = new ProxyError('the proxy p:3128 cannot be reached (ECONNREFUSED)', 'check that it runs')
  const cause = 'the proxy p:3128 cannot be reached (ECONNREFUSED): check that it runs'
  assert.deepEqual(classifyFailure(error), { code: 'sqs_unavailable', cause })
})

test('an error without a name of its own never shows its message', () => {
  assert.deepEqual(classifyFailure(new Error('secret')), {
    code: 'sqs_unavailable',
    cause: 'unexpected_answer',
  })
  assert.deepEqual(classifyFailure('secret'), { code: 'sqs_unavailable', cause: 'unknown' })
})
