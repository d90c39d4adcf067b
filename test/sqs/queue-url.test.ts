import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFifoQueue, isPrivateOrHttps, problemWithQueueUrl, regionOf } from '../../src/sqs/queue-url.ts'

const withRegion: readonly (readonly [url: string, region: string | undefined])[] = [
  ['https://sqs.eu-central-1.amazonaws.com/123456789012/genesys-events', 'eu-central-1'],
  ['https://sqs.us-gov-west-1.amazonaws.com/123456789012/genesys_events', 'us-gov-west-1'],
  ['https://sqs.cn-north-1.amazonaws.com.cn/123456789012/events.fifo', 'cn-north-1'],
  ['https://sqs-fips.us-east-2.amazonaws.com/123456789012/events', 'us-east-2'],
  ['https://sqs.ap-southeast-2.api.aws/123456789012/events', 'ap-southeast-2'],
  ['https://eu-west-1.queue.amazonaws.com/123456789012/events', 'eu-west-1'],
  ['https://queue.amazonaws.com/123456789012/events', 'us-east-1'],
  ['https://vpce-0a1b2c-us-east-1a.sqs.us-east-1.vpce.amazonaws.com/123456789012/events', 'us-east-1'],
  ['http://localhost:4566/000000000000/events', undefined],
  ['https://sqs.eusc-de-east-1.amazonaws.eu/123456789012/events', 'eusc-de-east-1'],
  ['https://sqs.cn-north-1.api.amazonwebservices.com.cn/123456789012/events', 'cn-north-1'],
  ['http://sqs.eu-central-1.localhost:4566/000000000000/events', undefined],
  ['http://sqs-local-1:4566/000000000000/events', undefined],
  ['https://aws-mock-1.example.com/000000000000/events', undefined],
  ['https://sqs.eu-central-1.amazonaws.com.example.com/000000000000/events', undefined],
  ['http://elasticmq:9324/000000000000/events', undefined],
  ['http://10.1.2.3:9324/queue/events', undefined],
  ['http://[::1]:9324/000000000000/events', undefined],
]

for (const [url, region] of withRegion) {
  test(`${url} is a queue URL ${region === undefined ? 'without a region' : `of ${region}`}`, () => {
    assert.equal(problemWithQueueUrl(url), undefined)
    assert.equal(regionOf(url), region)
  })
}

const notQueues = [
  'events',
  'arn:aws:sqs:eu-central-1:123456789012:events',
  'https://sqs.eu-central-1.amazonaws.com',
  'https://sqs.eu-central-1.amazonaws.com/events',
  'https://sqs.eu-central-1.amazonaws.com/123456789012/events/',
  'https://sqs.eu-central-1.amazonaws.com/123456789012/events?x=1',
  'https://user:password@sqs.eu-central-1.amazonaws.com/123456789012/events',
  `https://sqs.eu-central-1.amazonaws.com/123456789012/${'e'.repeat(81)}`,
  'ftp://sqs.eu-central-1.amazonaws.com/123456789012/events',
]

for (const text of notQueues) {
  test(`${text} is not a queue URL`, () => {
    assert.match(problemWithQueueUrl(text) ?? '', /must be the URL of a queue, such as https:.*get-queue-url/)
  })
}

for (const host of ['sqs.eu-central-1.amazonaws.com', '8.8.8.8', 'sqs.example.com', '[2001:db8::1]']) {
  test(`plain HTTP to ${host} is refused`, () => {
    const url = `http://${host}/123456789012/events`
    assert.match(problemWithQueueUrl(url) ?? '', /must begin with https:/)
    assert.equal(isPrivateOrHttps(url), false)
  })
}

test('the name tells whether a queue is FIFO', () => {
  assert.equal(isFifoQueue('https://sqs.eu-central-1.amazonaws.com/123456789012/events.fifo'), true)
  assert.equal(isFifoQueue('https://sqs.eu-central-1.amazonaws.com/123456789012/fifo'), false)
})
