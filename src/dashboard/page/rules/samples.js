import { get } from '../core/api.js'

/** @typedef {{ name: string, summary: string, text: string }} SampleEvent */

/**
 * The examples of each envelope in the description of the webhook.
 * @param {AbortSignal} signal
 * @returns {Promise<readonly SampleEvent[]>}
 */
export async function readSamples(signal) {
  /** @type {any} */
  const { paths } = await get('openapi.json', { signal })
  /** @type {Readonly<Record<string, { summary: string, value: unknown }>>} */
  const examples = paths['/webhooks/genesys'].post.requestBody.content['application/json'].examples
  return Object.entries(examples)
    .filter(([, { value }]) => !Array.isArray(value))
    .map(([name, { summary, value }]) => ({ name, summary, text: JSON.stringify(value, null, 2) }))
}
