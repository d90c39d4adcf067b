import { isPrivateOrHttps, regionOf } from '../sqs/queue-url.ts'
import type { Environment } from './checks.ts'

interface Values {
  readonly SQS_QUEUE_URL?: string | undefined
  readonly SQS_POLLS: number
  readonly SQS_VISIBILITY_SECONDS: number
}

/** The queue to take events from. */
export interface QueueSettings {
  readonly queueUrl: string
  readonly region: string
  /** Undefined: the host of the queue URL. */
  readonly endpoint: string | undefined
  readonly polls: number
  readonly visibilitySeconds: number
}

const endpointNames = ['AWS_ENDPOINT_URL_SQS', 'AWS_ENDPOINT_URL'] as const

/** Read here. The SDK would ignore the endpoints, because it prefers the host of the queue URL. */
const ownNames: readonly string[] = ['AWS_REGION', ...endpointNames]

/**
 * Reads the settings of Amazon SQS; undefined: no queue. The region in the queue URL wins over `AWS_REGION`: AWS sets the variable
 * to the region of the container, and SQS refuses a signature for another region than its own. The SDK reads all other `AWS_*`
 * variables itself, from the process.
 */
export function readSqs(
  values: Values | undefined,
  environment: Environment,
  ofProcess: Environment,
): { readonly settings: QueueSettings | undefined; readonly problems: readonly string[] } {
  if (values?.SQS_QUEUE_URL === undefined) return { settings: undefined, problems: [] }
  const { SQS_QUEUE_URL: queueUrl, SQS_POLLS: polls, SQS_VISIBILITY_SECONDS: visibilitySeconds } = values
  const problems = unseenByTheSdk(environment, ofProcess)
  const region = regionOf(queueUrl) ?? environment.AWS_REGION ?? ''
  if (region === '')
    problems.push('AWS_REGION is required, because SQS_QUEUE_URL does not contain the region of the queue')
  const endpointName = endpointNames.find((name) => (environment[name] ?? '') !== '')
  const endpoint = endpointName && environment[endpointName]
  if (endpoint !== undefined && !isPrivateOrHttps(endpoint))
    problems.push(
      `${endpointName} must be an https:// URL (http:// only for a host of this machine or a private network), but is ${JSON.stringify(endpoint)}`,
    )
  return { settings: { queueUrl, region, endpoint, polls, visibilitySeconds }, problems }
}

/** A program that embeds the service may pass its own settings, which the SDK would not see. */
const unseenByTheSdk = (environment: Environment, ofProcess: Environment): string[] =>
  Object.keys(environment)
    .filter((name) => name.startsWith('AWS_') && !ownNames.includes(name))
    .filter((name) => environment[name] !== ofProcess[name])
    .map(
      (name) =>
        `${name} differs in the environment of the process: set it there, because the AWS SDK reads only that`,
    )
