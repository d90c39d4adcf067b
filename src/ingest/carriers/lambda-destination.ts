import { isObject } from '../../values/json.ts'
import type { JsonObject } from '../envelopes/envelope.ts'
import { type CarrierEntry, firstId } from './carrier.ts'

/**
 * The record that Lambda sends to a destination after an asynchronous call: `{requestContext, requestPayload, responsePayload, …}`.
 * The event is what the function was called with, not its answer.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
export function openLambdaDestination(item: JsonObject): readonly CarrierEntry[] | undefined {
  const { requestContext: context } = item
  const isRecord = isObject(context) || isObject(item.responseContext) || 'responsePayload' in item
  if (!('requestPayload' in item) || !isRecord) return undefined
  return [
    {
      kind: 'message',
      carrier: 'lambda_destination',
      path: 'requestPayload',
      content: item.requestPayload,
      id: isObject(context) ? firstId(context.requestId) : undefined,
    },
  ]
}
