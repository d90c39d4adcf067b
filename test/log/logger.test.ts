import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeError } from '../../src/log/logger.ts'
import { captureLog } from '../helpers/log.ts'

/** An error with a secret in its message. */
const loud = (message = 'hush') => Object.assign(new Error(message), { code: 'E_CODE' })

test('a line is JSON with level, ISO time and text', () => {
  const { logger, entries } = captureLog()
  logger.info({ conversationId: 'c-1' }, 'applied')
  const [entry] = entries()
  assert.deepEqual({ ...entry, time: 0 }, { level: 'info', time: 0, conversationId: 'c-1', msg: 'applied' })
  assert.match(String(entry?.time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
})

test('lines below the level are not written', () => {
  const { logger, entries } = captureLog('warn')
  logger.info('quiet')
  logger.warn('logged')
  assert.deepEqual(
    entries().map(({ msg }) => msg),
    ['logged'],
  )
})

test('an error is logged with type, code and stack, without its message', () => {
  const { logger, text, entries } = captureLog()
  const error = new TypeError('hush', { cause: loud() })
  logger.error({ code: 'store_unavailable', err: error }, 'could not be stored')
  const [entry] = entries()
  assert.doesNotMatch(text(), /hush/)
  const described = entry?.err as { type: string; stack: string[] } | undefined
  assert.equal(described?.type, 'TypeError')
  assert.match(described?.stack[0] ?? '', /logger\.test\.ts/)
  assert.equal(entry?.msg, 'could not be stored')
})

// An error without a message argument was once logged with its own message.
test('regression: an error without a message argument does not log its own message', () => {
  const { logger, text, entries } = captureLog()
  logger.error(loud())
  logger.child({ reqId: 'r-1' }).error({ err: loud() })
  assert.doesNotMatch(text(), /hush/)
  assert.deepEqual(
    entries().map(({ err }) => (err as { code: string }).code),
    ['E_CODE', 'E_CODE'],
  )
})

// Message lines that look like stack frames were once logged as frames.
test('regression: a message that looks like a stack is not logged', () => {
  const { logger, text } = captureLog()
  logger.error({ err: loud('no JSON:\n    at hush (hush.js:1:1)') }, 'failed')
  assert.doesNotMatch(text(), /hush/)
})

test('a thrown value that is not an error is logged by its type only', () => {
  assert.deepEqual(describeError('hush'), { type: 'string' })
  assert.deepEqual(describeError({ hush: 'hush' }), { type: 'object' })
  assert.deepEqual(describeError(undefined), { type: 'undefined' })
})

test('an error without a stack is logged', () => {
  const error = loud()
  delete error.stack
  assert.deepEqual(describeError(error), { type: 'Error', code: 'E_CODE', stack: [] })
})

test('fields that may contain secrets or attribute values are redacted', () => {
  const { logger, text, entries } = captureLog()
  logger.info(
    {
      token: 'hush',
      secret: 'hush',
      authorization: 'hush',
      headers: { authorization: 'hush' },
      attributes: { tier: 'hush' },
      request: { headers: { authorization: 'hush' }, authorization: 'hush' },
      event: { attributes: { tier: 'hush' } },
      kept: 'seen',
    },
    'logged',
  )
  assert.doesNotMatch(text(), /hush/)
  assert.equal(entries()[0]?.kept, 'seen')
})
