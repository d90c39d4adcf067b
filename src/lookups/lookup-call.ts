import type { HttpResult } from '../http/client.ts'
import { addressRefused } from './guarded-dns.ts'
import { cellText, isJsonMap, parseLosslessJson } from './lossless-json.ts'
import { emptyRow, type Row } from './table.ts'

/** The causes of failed lookups; docs/lookups.md explains them. */
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

/** `broken`: the API fails as a whole, not only for one key. */
export type Answer =
  | { readonly kind: 'row'; readonly row: Row; readonly broken: false }
  | { readonly kind: 'none'; readonly broken: false }
  | {
      readonly kind: 'failed'
      readonly cause: FailureCause
      readonly status?: number
      readonly broken: boolean
    }

/** Column → path in the answer, such as `customer.tier`. undefined: each top-level value is a column. */
export type ColumnPaths = Readonly<Record<string, string>> | undefined

/** 4xx that concern the API or the credentials, not the key. */
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
  return {
    kind: 'row',
    row: columns === undefined ? topLevelRow(json) : rowByPaths(json, columns),
    broken: false,
  }
}

function parse(body: string): unknown {
  try {
    return parseLosslessJson(body)
  } catch {
    return undefined
  }
}

function topLevelRow(json: Readonly<Record<string, unknown>>): Row {
  const row = emptyRow()
  for (const [column, value] of Object.entries(json)) {
    const text = cellText(value)
    if (text !== undefined) row[column] = text
  }
  return row
}

function rowByPaths(json: unknown, columns: Readonly<Record<string, string>>): Row {
  const row = emptyRow()
  for (const [column, path] of Object.entries(columns)) {
    const text = cellText(path.split('.').reduce(childOf, json))
    if (text !== undefined) row[column] = text
  }
  return row
}

/** An own property of an object, or an element of an array; undefined if there is none. */
function childOf(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return /^\d+$/.test(name) ? value[Number(name)] : undefined
  return isJsonMap(value) && Object.hasOwn(value, name) ? value[name] : undefined
}
