import type { HttpResult } from '../http/client.ts'
import { addressRefused } from './guarded-dns.ts'
import { emptyRow, type Row } from './table.ts'
import { factText, isJsonMap, parseWritten } from './written-json.ts'

/** Why a lookup has no answer; what they mean stands in docs/lookups.md. */
export const failureCauses = [
  'timeout',
  'network',
  'address_refused',
  'status',
  'bad_answer',
  'header_file',
  'breaker_open',
  'queue_full',
  'closed',
] as const
export type FailureCause = (typeof failureCauses)[number]

/** `broken`: the other side itself fails, as opposed to what it says about one key. */
export type Answer =
  | { readonly kind: 'row'; readonly row: Row; readonly broken: false }
  | { readonly kind: 'none'; readonly broken: false }
  | {
      readonly kind: 'failed'
      readonly cause: FailureCause
      readonly status?: number
      readonly broken: boolean
    }

/** Column → where its value stands: `customer.tier`. undefined: every value at the top of the answer is a column. */
export type ColumnPaths = Readonly<Record<string, string>> | undefined

/** 4xx that are about the other side or the credentials, not about the key. */
const brokenStatuses = new Set([401, 403, 408, 429])
const causesByCode: Readonly<Record<string, FailureCause>> = {
  [addressRefused]: 'address_refused',
  ERR_CANCELED: 'closed',
  ERR_BAD_RESPONSE: 'bad_answer',
}

export function readAnswer(result: HttpResult, columns: ColumnPaths): Answer {
  if (result.kind === 'failed') {
    const cause = causesByCode[result.detail] ?? 'network'
    return { kind: 'failed', cause, broken: cause !== 'closed' }
  }
  const { status, body } = result.answer
  if (status === 404 || status === 204) return { kind: 'none', broken: false }
  if (status < 200 || status > 299) {
    const broken = status < 400 || status > 499 || brokenStatuses.has(status)
    return { kind: 'failed', cause: 'status', status, broken }
  }
  const json = parse(body)
  if (!isJsonMap(json)) return { kind: 'failed', cause: 'bad_answer', status, broken: true }
  return { kind: 'row', row: columns === undefined ? topOf(json) : pick(json, columns), broken: false }
}

function parse(body: string): unknown {
  try {
    return parseWritten(body)
  } catch {
    return undefined
  }
}

function topOf(json: Readonly<Record<string, unknown>>): Row {
  const row = emptyRow()
  for (const [column, value] of Object.entries(json)) {
    const text = factText(value)
    if (text !== undefined) row[column] = text
  }
  return row
}

function pick(json: unknown, columns: Readonly<Record<string, string>>): Row {
  const row = emptyRow()
  for (const [column, path] of Object.entries(columns)) {
    const text = factText(path.split('.').reduce(stepInto, json))
    if (text !== undefined) row[column] = text
  }
  return row
}

/** Into a map by name, into a list by number; undefined where there is nothing of its own. */
function stepInto(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return /^\d+$/.test(name) ? value[Number(name)] : undefined
  return isJsonMap(value) && Object.hasOwn(value, name) ? value[name] : undefined
}
