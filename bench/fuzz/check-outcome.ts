import { type ErrorEntry, errorCatalogue } from '../../src/errors.ts'
import type { Answer } from './answer.ts'
import type { Outcome } from './connection.ts'
import type { FuzzRequest } from './request.ts'

/** Event counts from the responses, for comparison with /admin/status. */
export interface EventCounts {
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

/** The problems of an outcome; empty if it is as expected. The same fault gives the same text. */
export function checkOutcome(
  request: FuzzRequest,
  { answers, end }: Outcome,
  limits: Limits,
): readonly string[] {
  const wrong = answers.flatMap((answer, index) =>
    checkAnswer(answer, request, limits, request.methods[index] === 'HEAD'),
  )
  if (end === 'unreachable') wrong.push('no connection')
  if (end === 'late') wrong.push('no response within 10 s')
  if (end === 'broken') wrong.push('a response that is not HTTP')
  const expected = request.methods.length
  if (answers.length > expected) wrong.push('more responses than requests')
  if (request.ends === 'kept' && end === 'closed' && answers.length < expected)
    wrong.push('closed without a response')
  if (request.ends === 'refused' && end === 'closed' && answers.length !== expected)
    wrong.push('closed without a response')
  return [...new Set(wrong)]
}

function checkAnswer(answer: Answer, request: FuzzRequest, limits: Limits, headOnly: boolean): string[] {
  const { status, headers, body } = answer
  const wrong: string[] = []
  const full = status === 503 && isFull(answer, limits)
  if (status >= 500 && !full) wrong.push(`status ${status}`)
  if (request.statuses !== undefined && !full && !request.statuses.includes(status))
    wrong.push(`status ${status} instead of ${request.statuses.join(', ')}`)
  if (status === 429 && !hasRetryAfter(answer)) wrong.push('429 without Retry-After')
  if (status < 400 || headOnly || request.bare) return wrong
  if (!/^application\/problem\+json(; charset=utf-8)?$/.test(headers.get('content-type') ?? ''))
    wrong.push(`${status} is not a problem document`)
  else if (!isProblem(status, parse(body))) wrong.push(`${status} with an unknown code`)
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

/** 503 is expected if the inbox is full and Retry-After is set. */
function isFull(answer: Answer, { maxPending, maxBatch }: Limits): boolean {
  const { code, detail } = record(parse(answer.body))
  const pending = Number(/^(\d+) events wait/.exec(String(detail))?.[1])
  return code === 'inbox_full' && pending > maxPending - maxBatch && hasRetryAfter(answer)
}

const hasRetryAfter = ({ headers }: Answer): boolean => /^\d+$/.test(headers.get('retry-after') ?? '')

/** Adds the event counts of a webhook response: 202, or 422 if all events were rejected. */
export function countEvents(counts: EventCounts, { status, body }: Answer): void {
  if (status !== 202 && status !== 422) return
  const { accepted, duplicates, ignored, rejected, errors } = record(parse(body))
  if (status === 202) {
    counts.accepted += Number(accepted)
    counts.duplicates += Number(duplicates)
    counts.ignored += Number(ignored)
    counts.rejected += Array.isArray(rejected) ? rejected.length : Number.NaN
  } else if (Array.isArray(errors)) counts.rejected += new Set(errors.map(({ index }) => index)).size
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
