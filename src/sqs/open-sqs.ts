import type { QueueSource, QueueSourceDeps } from './sqs.ts'

type Settings = Pick<QueueSourceDeps, 'queueUrl' | 'region' | 'endpoint' | 'polls' | 'visibilitySeconds'>

/** Loads the AWS SDK only if there is a queue, because it takes memory and start time. Undefined: no queue. */
export async function openSqs(
  settings: Settings | undefined,
  deps: Omit<QueueSourceDeps, keyof Settings>,
): Promise<QueueSource | undefined> {
  if (settings === undefined) return undefined
  const { createQueueSource } = await import('./sqs.ts')
  return createQueueSource({ ...deps, ...settings })
}
