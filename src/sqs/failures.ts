import { ProxyError } from '../http/proxy-error.ts'

/** Why a call to SQS failed, as a code of the catalogue. */
export type QueueFailureCode =
  | 'sqs_unavailable'
  | 'sqs_access_denied'
  | 'sqs_credentials_refused'
  | 'sqs_queue_not_found'

export interface QueueFailure {
  readonly code: QueueFailureCode
  /** The name or code of the error: `AccessDenied`, `ECONNREFUSED`. Never its message, which may quote ARNs, unless the proxy failed. */
  readonly cause: string
}

const codes: ReadonlyMap<string, QueueFailureCode> = new Map([
  ...[
    'AccessDenied',
    'AccessDeniedException',
    'KmsAccessDenied',
    'KmsDisabled',
    'KmsInvalidKeyUsage',
    'KmsInvalidState',
    'KmsNotFound',
    'KmsOptInRequired',
  ].map((name) => [name, 'sqs_access_denied'] as const),
  ...[
    'CredentialsProviderError',
    'ExpiredToken',
    'ExpiredTokenException',
    'IncompleteSignature',
    'IncompleteSignatureException',
    'InvalidClientTokenId',
    'InvalidSignatureException',
    'MissingAuthenticationToken',
    'MissingAuthenticationTokenException',
    'OptInRequired',
    'SignatureDoesNotMatch',
    'TokenProviderError',
    'UnrecognizedClientException',
  ].map((name) => [name, 'sqs_credentials_refused'] as const),
  ...['QueueDoesNotExist', 'NonExistentQueue', 'InvalidAddress'].map(
    (name) => [name, 'sqs_queue_not_found'] as const,
  ),
])

/**
 * Classifies an error of the AWS SDK by its name. Everything else may pass by itself: the network, throttling, an outage. Pure.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
 */
export function classifyFailure(error: unknown): QueueFailure {
  if (!(error instanceof Error)) return { code: 'sqs_unavailable', cause: 'unknown' }
  if (error instanceof ProxyError) return { code: 'sqs_unavailable', cause: error.message }
  const cause = error.name === 'Error' || error.name === 'AggregateError' ? codeIn(error) : error.name
  // The older protocol of SQS, which substitutes still speak, has a prefix: `AWS.SimpleQueueService.NonExistentQueue`.
  const name = cause.slice(cause.lastIndexOf('.') + 1)
  return { code: codes.get(name) ?? 'sqs_unavailable', cause }
}

/** The code of a network error. Errors without one come from the SDK itself, such as a wrong checksum of a message. */
const codeIn = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : 'unexpected_answer'
