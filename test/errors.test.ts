import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigurationError, type ErrorEntry, errorCatalogue, Problem } from '../src/errors.ts'

for (const [code, { title, remedy, status }] of Object.entries<ErrorEntry>(errorCatalogue)) {
  test(`${code} has its own title and a remedy`, () => {
    assert.match(code, /^[a-z]+(_[a-z]+)*$/)
    assert.match(title, /^[A-Z].*[^.]$/)
    assert.match(remedy, /^[A-Z].*\.$/)
    if (status !== undefined) assert.ok(status >= 400 && status < 600)
    const titles = Object.values(errorCatalogue).filter((entry) => entry.title === title)
    assert.equal(titles.length, 1)
  })
}

test('a problem is an RFC 9457 document', () => {
  assert.deepEqual(new Problem('batch_too_large').body(), {
    type: 'urn:genesys-enricher:error:batch_too_large',
    title: 'Too many events in one body',
    status: 413,
    code: 'batch_too_large',
    detail: 'Send fewer events per request, or raise MAX_BATCH.',
  })
})

test('the detail has the cause before the remedy, and extra members are included', () => {
  const problem = new Problem('batch_too_large', '4 events, at most 3.', { errors: [1] })
  assert.equal(problem.status, 413)
  assert.equal(problem.message, '4 events, at most 3.')
  const { detail, errors } = problem.body()
  assert.equal(detail, '4 events, at most 3. Send fewer events per request, or raise MAX_BATCH.')
  assert.deepEqual(errors, [1])
})

test('errors have a stable name', () => {
  assert.equal(new Problem('invalid_json').name, 'Problem')
  const error = new ConfigurationError('Cannot start', ['a', 'b'])
  assert.equal(error.name, 'ConfigurationError')
  assert.deepEqual(error.problems, ['a', 'b'])
})
