import * as forms from './body-forms.ts'
import { longText } from './long-texts.ts'
import { createRandom } from './random.ts'
import { hangUp, pipelined, slow, smuggling, unusualForms } from './raw-requests.ts'
import type { FuzzRequest, Generate } from './request.ts'
import * as routes from './route-requests.ts'
import * as webhook from './webhook-requests.ts'

/** Request kinds with their weights. Most requests pass authentication. */
const kinds: readonly (readonly [weight: number, generate: Generate])[] = [
  [450, webhook.event],
  [60, webhook.batch],
  [120, webhook.cloudEvents],
  [120, webhook.text],
  [25, forms.mediaType],
  [20, forms.lines],
  [20, forms.encodedTwice],
  [15, webhook.encoding],
  [30, webhook.chunkedBody],
  [1, webhook.tooLarge],
  [0.3, webhook.large],
  [40, webhook.credentials],
  [10, webhook.webhookId],
  [40, routes.anyRoute],
  [10, routes.adminRead],
  [15, routes.adminEvaluate],
  [5, routes.adminRefused],
  [10, routes.probe],
  [8, routes.manyHeaders],
  [2, routes.headersTooLarge],
  [20, smuggling],
  [5, unusualForms],
  [12, pipelined],
  [5, hangUp],
  [0.1, slow],
  [1, longText],
]

/** The request with this number in the run with this seed. Deterministic. */
export function requestOf(seed: number, number: number): FuzzRequest {
  const random = createRandom(seed, number)
  return random.weighted(kinds)(random, number)
}
