import { isObject } from '../../values/json.ts'
import type { JsonObject } from '../envelopes/envelope.ts'
import type { CarrierEntry } from './carrier.ts'

/**
 * A request as a Lambda function behind API Gateway (payload 1.0 and 2.0), a function URL or a load balancer gets it. Its request id
 * is no identity, because a repeated request has another one.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function openApiGateway(item: JsonObject): readonly CarrierEntry[] | undefined {
  const { requestContext: context, httpMethod, body, isBase64Encoded } = item
  if (!('body' in item)) return undefined
  const hasContext = isObject(context) && (typeof httpMethod === 'string' || isObject(context.http))
  if (!hasContext && typeof isBase64Encoded !== 'boolean') return undefined
  return [
    {
      kind: 'message',
      carrier: 'api_gateway',
      path: 'body',
      content: body,
      base64: isBase64Encoded === true,
    },
  ]
}
