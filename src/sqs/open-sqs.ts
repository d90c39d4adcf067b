import type { QueueSource, QueueSourceDeps } from './sqs.ts'

type Settings = Pick<QueueSourceDeps, 'queueUrl' | 'region' | 'endpoint' | 'polls' | 'visibilitySeconds'>

/** Undefined: no queue. The AWS SDK is loaded here, because it needs memory and start time that most installations don't. */
export async function openSqs(
  settings: Settings | undefined,
  deps: Omit<QueueSourceDeps, keyof Settings>,
): Promise<QueueSource | undefined> {
  if (settings === undefined) return undefined
  const { createQueueSource } = await import('./sqs.ts')
  return createQueueSource({ ...deps, ...settings })
}
