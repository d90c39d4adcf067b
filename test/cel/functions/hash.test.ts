import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import { conversationEvent } from '../../helpers/events.ts'
import { evaluated } from '../../helpers/expressions.ts'

test('hash() is SHA-256 of UTF-8, and HMAC-SHA-256 with a salt', () => {
  assert.equal(
    evaluated('hash("abc")'),
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', // FIPS 180-4, example
  )
  assert.equal(
    evaluated('hash("what do ya want for nothing?", "Jefe")'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843', // RFC 4231, test case 2
  )
  for (const id of ['', 'tel:+13175550100', 'Zoë 😀']) {
    const event = conversationEvent({ id })
    assert.equal(evaluated('hash(event.id)', { event }), createHash('sha256').update(id).digest('hex'))
    assert.equal(
      evaluated('hash(event.id, "söme salt")', { event }),
      createHmac('sha256', 'söme salt').update(id).digest('hex'),
    )
  }
})
