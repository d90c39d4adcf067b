import { isObject } from '../../values/json.ts'
import type { JsonObject } from '../envelopes/envelope.ts'
import { type CarrierEntry, firstId } from './carrier.ts'

/**
 * What a subscription filter of CloudWatch Logs sends, after an EventBridge rule has written its events into a log group:
 * `{messageType, logEvents: [{id, message}]}`, which Lambda gets as base64 of gzip in `awslogs.data`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 */
export function openCloudwatchLogs(item: JsonObject): readonly CarrierEntry[] | undefined {
  const { awslogs, messageType, logEvents } = item
  if (isObject(awslogs) && awslogs.data !== undefined) {
    return [
      {
        kind: 'message',
        carrier: 'cloudwatch_logs',
        path: 'awslogs.data',
        content: awslogs.data,
        base64: true,
      },
    ]
  }
  if (typeof messageType !== 'string' || !Array.isArray(logEvents)) return undefined
  if (messageType === 'CONTROL_MESSAGE') return [{ kind: 'ignored', path: '' }]
  if (messageType !== 'DATA_MESSAGE') return undefined
  return logEvents.map((event: unknown, index): CarrierEntry => {
    const path = `logEvents[${index}]`
    if (!isObject(event)) return { kind: 'invalid', path, message: 'must be an object with message' }
    return {
      kind: 'message',
      carrier: 'cloudwatch_logs',
      path: `${path}.message`,
      content: event.message,
      id: firstId(event.id),
    }
  })
}
