import { type ErrorEntry, errorCatalogue } from '../../src/errors.ts'
import type { Answer } from './answer.ts'
import type { Outcome } from './connection.ts'
import type { FuzzRequest } from './request.ts'

/** What the answers say of events, as /admin/status adds them up. */
export interface Taken {
  accepted: number
  duplicates: number
  ignored: number
  rejected: number
}

export interface Limits {
  readonly maxPending: number
  readonly maxBatch: number
}

const codes: Readonly<Record<string, ErrorEntry>> = errorCatalogue

/** What is wrong with an outcome, in words that are the same for the same fault; none for what is right. */
export function judge(request: FuzzRequest, { answers, end }: Outcome, limits: Limits): readonly string[] {
  const wrong = answers.flatMap((answer, index) =>
    judgeAnswer(answer, request, limits, request.methods[index] === 'HEAD'),
  )
  if (end === 'unreachable') wrong.push('no connection')
  if (end === 'late') wrong.push('no end within 10 s')
  if (end === 'broken') wrong.push('an answer that is no HTTP')
  const owed = request.methods.length
  if (answers.length > owed) wrong.push('more answers than requests')
  if (request.ends === 'kept' && end === 'closed' && answers.length < owed)
    wrong.push('closed without an answer')
  if (request.ends === 'refused' && end === 'closed' && answers.length !== owed)
    wrong.push('closed without an answer')
  return [...new Set(wrong)]
}

function judgeAnswer(answer: Answer, request: FuzzRequest, limits: Limits, headOnly: boolean): string[] {
  const { status, headers, body } = answer
  const wrong: string[] = []
  const full = status === 503 && isFull(answer, limits)
  if (status >= 500 && !full) wrong.push(`status ${status}`)
  if (request.statuses !== undefined && !full && !request.statuses.includes(status))
    wrong.push(`status ${status} instead of ${request.statuses.join(', ')}`)
  if (status === 429 && !tellsWhen(answer)) wrong.push('429 without Retry-After')
  if (status < 400 || headOnly || request.bare) return wrong
  if (!/^application\/problem\+json(; charset=utf-8)?$/.test(headers.get('content-type') ?? ''))
    wrong.push(`${status} is no problem document`)
  else if (!isProblem(status, parse(body))) wrong.push(`${status} with a code that is not known`)
  return wrong
}

function isProblem(status: number, document: unknown): boolean {
  const { code, title, type, status: own } = record(document)
  return (
    typeof code === 'string' &&
    Object.hasOwn(codes, code) &&
    codes[code]?.status === status &&
    own === status &&
    typeof title === 'string' &&
    type === `urn:genesys-enricher:error:${code}`
  )
}

/** 503 is right where the inbox is full, and a time is told. */
function isFull(answer: Answer, { maxPending, maxBatch }: Limits): boolean {
  const { code, detail } = record(parse(answer.body))
  const pending = Number(/^(\d+) events wait/.exec(String(detail))?.[1])
  return code === 'inbox_full' && pending > maxPending - maxBatch && tellsWhen(answer)
}

const tellsWhen = ({ headers }: Answer): boolean => /^\d+$/.test(headers.get('retry-after') ?? '')

/** Adds what an answer of the webhook says of its events: 202, and 422 for bodies of which nothing was taken. */
export function addTaken(taken: Taken, { status, body }: Answer): void {
  if (status !== 202 && status !== 422) return
  const { accepted, duplicates, ignored, rejected, errors } = record(parse(body))
  if (status === 202) {
    taken.accepted += Number(accepted)
    taken.duplicates += Number(duplicates)
    taken.ignored += Number(ignored)
    taken.rejected += Array.isArray(rejected) ? rejected.length : Number.NaN
  } else if (Array.isArray(errors)) taken.rejected += new Set(errors.map(({ index }) => index)).size
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {}
