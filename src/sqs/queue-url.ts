import { withoutBrackets } from '../http/host.ts'
import { createAddressFilter } from '../http/networks.ts'

const isPrivateAddress = createAddressFilter([
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fc00::/7',
])

const queuePath = /^(?:\/[A-Za-z0-9_-]+)+\/(?:[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo)$/
const regionLabel = /^(?!vpce-)[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$/

/** The domains of the partitions of AWS, from the endpoint rules of its SDK. Other hosts may look as if they named a region. */
const awsDomain =
  /\.(?:amazonaws\.(?:com|com\.cn|eu)|api\.aws|api\.amazonwebservices\.(?:com\.cn|eu)|c2s\.ic\.gov|sc2s\.sgov\.gov|api\.aws\.(?:ic\.gov|scloud|hci\.ic\.gov)|csp\.hci\.ic\.gov|(?:api\.cloud-aws|cloud)\.adc-e\.uk)$/

/** Why the text is not the URL of an SQS queue; undefined if it is one. Pure. */
export function problemWithQueueUrl(text: string): string | undefined {
  const url = URL.parse(text)
  const isQueue =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    queuePath.test(url.pathname) &&
    [url.search, url.hash, url.username, url.password].every((part) => part === '')
  if (!isQueue)
    return 'must be the URL of a queue, such as https://sqs.eu-central-1.amazonaws.com/123456789012/genesys-events: "aws sqs get-queue-url --queue-name NAME" prints it'
  if (!isPrivateOrHttps(text))
    return 'must begin with https://, because the messages contain personal data (http:// only for a host of this machine or a private network)'
  return undefined
}

/** Whether calls to the URL are encrypted, or stay in a private network. Pure. */
export function isPrivateOrHttps(text: string): boolean {
  const url = URL.parse(text)
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isPrivateHost(url.hostname))
}

/** A name without a dot belongs to a local network, such as that of a container. */
const isPrivateHost = (host: string): boolean =>
  /^[^.[]+$/.test(host) || host.endsWith('.localhost') || isPrivateAddress(withoutBrackets(host))

/** The region in the host of a queue URL; undefined if it names none, or is not a host of AWS. Pure. */
export function regionOf(queueUrl: string): string | undefined {
  const { hostname } = new URL(queueUrl)
  // The oldest form of the URL, which only the oldest region has.
  if (hostname === 'queue.amazonaws.com') return 'us-east-1'
  return awsDomain.test(hostname) ? hostname.split('.').find((label) => regionLabel.test(label)) : undefined
}

/** SQS demands this suffix of FIFO queues, and refuses it for others. */
export const isFifoQueue = (queueUrl: string): boolean => queueUrl.endsWith('.fifo')
