import { isEntityId } from '../../ingest/identity.ts'
import { lowerCaseUuid, word } from '../../values/normal-forms.ts'

/** The options as commander reads them. */
export interface PatchOptions {
  readonly conversation?: string
  readonly participant?: string
  readonly externalId?: string
  readonly purpose?: string
  readonly set?: readonly string[]
  readonly all?: true
  readonly dryRun?: true
  readonly timeout: string
  readonly json?: true
}

/** Which participants get the attributes. */
export type Selector =
  | { readonly by: 'id'; readonly id: string }
  | { readonly by: 'externalId'; readonly externalId: string }
  | { readonly by: 'purpose'; readonly purpose: string }

export interface PatchRequest {
  readonly conversationId: string
  readonly selector: Selector
  /** Take every participant that matches. */
  readonly all: boolean
  readonly attributes: Readonly<Record<string, string>>
  readonly dryRun: boolean
  readonly timeoutMs: number
}

export type ReadRequest =
  | { readonly kind: 'ok'; readonly request: PatchRequest }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] }

const idForm = '1 to 128 characters of A-Z a-z 0-9 _ -'
const longestTimeoutSeconds = 3_600

/** Reads all options and returns all problems together. A problem never quotes a value of --set. */
export function readRequest(options: PatchOptions): ReadRequest {
  const problems: string[] = []
  const { conversation, all = false, dryRun = false } = options
  if (conversation === undefined) problems.push('--conversation is required: the id of the conversation')
  else if (!isEntityId(conversation)) problems.push(`--conversation must be a conversation id: ${idForm}`)
  const selector = readSelector(options, problems)
  if (all && options.participant !== undefined) problems.push('--all needs --purpose or --external-id')
  const attributes = readAttributes(options.set ?? [], problems)
  const timeoutMs = readTimeout(options.timeout, problems)
  if (problems.length > 0 || !isEntityId(conversation) || selector === undefined)
    return { kind: 'invalid', problems }
  const conversationId = lowerCaseUuid(conversation)
  return { kind: 'ok', request: { conversationId, selector, all, attributes, dryRun, timeoutMs } }
}

function readSelector(
  { participant, externalId, purpose }: PatchOptions,
  problems: string[],
): Selector | undefined {
  const given = [participant, externalId, purpose].filter((value) => value !== undefined)
  if (given.length !== 1)
    problems.push('exactly one of --participant, --external-id and --purpose is required')
  else if (isEntityId(participant)) return { by: 'id', id: lowerCaseUuid(participant) }
  else if (participant !== undefined) problems.push(`--participant must be a participant id: ${idForm}`)
  else if (externalId !== undefined && externalId !== '') return { by: 'externalId', externalId }
  else if (externalId !== undefined) problems.push('--external-id must not be empty')
  else {
    const normalised = word(purpose ?? '')
    if (normalised !== undefined) return { by: 'purpose', purpose: normalised }
    problems.push('--purpose must not be empty: write for example customer or agent')
  }
  return undefined
}

/** Splits each text at its first `=`. The value is text as it stands, and may be empty. */
function readAttributes(texts: readonly string[], problems: string[]): Readonly<Record<string, string>> {
  if (texts.length === 0) problems.push('--set is required: NAME=VALUE, such as --set vip_status=true')
  const attributes = new Map<string, string>()
  for (const [index, text] of texts.entries()) {
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? []
    if (!text.includes('='))
      problems.push(`--set: entry ${index + 1} has no "=": write NAME=VALUE, or NAME= to blank the attribute`)
    else if (name.trim() === '') problems.push(`--set: entry ${index + 1} has no name before the "="`)
    else if (name !== name.trim())
      problems.push(`--set: entry ${index + 1} has white space around the name: remove it`)
    else if (attributes.has(name))
      problems.push(`--set: entry ${index + 1} names the attribute ${JSON.stringify(name)} a second time`)
    attributes.set(name, value)
  }
  return Object.fromEntries(attributes)
}

function readTimeout(text: string, problems: string[]): number {
  const seconds = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : 0
  if (seconds <= 0 || seconds > longestTimeoutSeconds)
    problems.push(`--timeout must be a number of seconds above 0 and up to ${longestTimeoutSeconds}`)
  return Math.ceil(seconds * 1_000)
}
