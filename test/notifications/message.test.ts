import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readMessage } from '../../src/notifications/message.ts'

for (const [text, kind] of [
  ['{"topicName":"channel.metadata","eventBody":{"message":"WebSocket Heartbeat"}}', 'heartbeat'],
  ['{"topicName":"channel.metadata","eventBody":{"message":"pong"}}', 'heartbeat'],
  ['{"topicName":"v2.system.socket_closing","eventBody":{}}', 'closing'],
  ['{"topicName":"v2.users.u1.conversations","version":"2","eventBody":{"id":"c1"}}', 'event'],
  ['{"topicName":"v2.users.u1.presence"}', 'event'],
  ['', 'unreadable'],
  ['null', 'unreadable'],
  ['[]', 'unreadable'],
  ['{"eventBody":{}}', 'unreadable'],
  ['{"topicName":5}', 'unreadable'],
  ['{"topicName":"v2.users', 'unreadable'],
] as const) {
  test(`${text || 'nothing'} is ${kind}`, () => {
    const message = readMessage(text)
    assert.equal(message.kind, kind)
    if (message.kind === 'event') assert.deepEqual(message.item, JSON.parse(text))
  })
}
