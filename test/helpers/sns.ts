import { execFile } from 'node:child_process'
import { sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { FetchCertificate } from '../../src/ingest/authenticate/sns-certificates.ts'
import { type Owner, temporaryFolder } from './folder.ts'

export const topicArn = 'arn:aws:sns:eu-central-1:123456789012:genesys-events'
export const certificateUrl =
  'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem'

export type SnsMessage = Readonly<Record<string, unknown>>

/** Signs messages as Amazon SNS does. */
export interface SnsSender {
  readonly certificate: string
  /** URLs that the service fetched. */
  readonly fetched: readonly string[]
  readonly fetchCertificate: FetchCertificate
  /** `changes`: fields to change before the message is signed. */
  sign(changes?: SnsMessage): SnsMessage
}

const run = promisify(execFile)

/** The fields that the developer guide of Amazon SNS lists for a type, in its order. */
const signedFields = (type: unknown): readonly string[] =>
  type === 'Notification'
    ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
    : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']

/** Creates a key and a certificate with OpenSSL; `key`: as in `openssl req -newkey`. */
export async function createSnsSender(t: Owner, key: readonly string[] = ['rsa:2048']): Promise<SnsSender> {
  const folder = await temporaryFolder(t)
  const [certFile, keyFile] = [join(folder, 'sns.crt'), join(folder, 'sns.key')]
  const subject = ['-nodes', '-subj', '/CN=sns.amazonaws.com', '-days', '2']
  await run('openssl', ['req', '-x509', '-newkey', ...key, ...subject, '-keyout', keyFile, '-out', certFile])
  const [certificate, privateKey] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')])
  const fetched: string[] = []
  return {
    certificate,
    fetched,
    fetchCertificate: async (url) => {
      fetched.push(url)
      return { kind: 'certificate', pem: certificate }
    },
    sign: (changes = {}) => {
      const message: SnsMessage = {
        Type: 'Notification',
        MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
        TopicArn: topicArn,
        Message: '{"type":"conversation:created"}',
        Timestamp: new Date().toISOString(),
        SignatureVersion: '1',
        SigningCertURL: certificateUrl,
        UnsubscribeURL: 'https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe',
        ...changes,
      }
      const text = signedFields(message.Type)
        .filter((name) => message[name] !== undefined)
        .map((name) => `${name}\n${message[name]}\n`)
        .join('')
      const digest = message.SignatureVersion === '1' ? 'sha1' : 'sha256'
      return { Signature: sign(digest, Buffer.from(text), privateKey).toString('base64'), ...message }
    },
  }
}
