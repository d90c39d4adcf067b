import dns from 'node:dns'
import { readFile } from 'node:fs/promises'
import type { LookupFunction } from 'node:net'
import { resolve } from 'node:path'
import { addressRefused, createAddressGuard, guardDns } from '../http/address-guard.ts'
import { createHttp, type HttpResult } from '../http/client.ts'
import type { OutgoingProxy } from '../http/outgoing-proxy.ts'
import type { HttpLookup } from './lookup-schema.ts'
import { cellText, isJsonMap, parseLosslessJson } from './read-json.ts'
import { emptyRow, type Row } from './table.ts'

/** The causes of failed lookups; docs/lookups.md explains them. */
export const failureCauses = [
  'timeout',
  'network',
  'proxy',
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

export interface LookupCallDeps {
  /** The folder of the rules file; header files are relative to it. */
  readonly folder: string
  /** Resolves host names; default: the system resolver. */
  readonly dnsLookup?: LookupFunction
  /** Undefined: direct connections. The proxy resolves names itself, so it must refuse private addresses itself. */
  readonly proxy?: OutgoingProxy | undefined
}

export interface LookupCall {
  /** Makes one call. Never rejects. */
  get(url: string): Promise<Answer>
  /** Aborts the calls under way, which fail, and closes all connections. */
  close(): void
}

const maxAnswerBytes = 65_536

export function createLookupCall(definition: HttpLookup, deps: LookupCallDeps): LookupCall {
  const { timeoutMs, concurrency, allowPrivate, columns } = definition
  const { folder, dnsLookup = dns.lookup, proxy } = deps
  const { http, close } = createHttp({
    timeoutMs,
    maxSockets: concurrency,
    maxAnswerBytes,
    proxy,
    lookup: allowPrivate ? dnsLookup : guardDns(dnsLookup, createAddressGuard()),
  })
  let closed = false
  return {
    get: async (url) => {
      if (closed) return { kind: 'failed', cause: 'closed', broken: false }
      const headers = await readHeaders(definition.headers, folder)
      if (headers === undefined) return { kind: 'failed', cause: 'header_file', broken: true }
      // Created before the timeout of the call, so that it ends first.
      const timeout = AbortSignal.timeout(timeoutMs)
      const result = await http({ method: 'GET', url, headers })
      if (result.kind === 'failed' && timeout.aborted)
        return { kind: 'failed', cause: 'timeout', broken: true }
      return readAnswer(result, columns)
    },
    close: () => {
      closed = true
      close()
    },
  }
}

/**
 * The headers of a lookup. Reads header files on every call, so a rotated secret takes effect with the next call. Paths are
 * relative to `folder`; leading and trailing white space of a file is removed. undefined: a file is missing, empty or
 * not one line of plain text. Never rejects.
 */
export async function readHeaders(
  headers: HttpLookup['headers'],
  folder: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string') {
      values[name] = value
      continue
    }
    const text = await readFile(resolve(folder, value.file), 'utf8').catch(() => '')
    if (!/^[\t\x20-\x7e]+$/.test(text.trim())) return undefined
    values[name] = text.trim()
  }
  return values
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
    const cause = result.atProxy ? 'proxy' : (causesByCode[result.detail] ?? 'network')
    return { kind: 'failed', cause, broken: cause !== 'closed' }
  }
  const { status, body } = result.answer
  if (status === 404 || status === 204) return { kind: 'none', broken: false }
  if (status < 200 || status > 299) {
    const broken = status < 400 || status > 499 || brokenStatuses.has(status)
    return { kind: 'failed', cause: 'status', status, broken }
  }
  const json = parseLosslessJson(body)
  if (!isJsonMap(json)) return { kind: 'failed', cause: 'bad_answer', status, broken: true }
  return { kind: 'row', row: rowOf(json, columns), broken: false }
}

function rowOf(json: Readonly<Record<string, unknown>>, columns: ColumnPaths): Row {
  const row = emptyRow()
  const values =
    columns === undefined
      ? Object.entries(json)
      : Object.entries(columns).map(([column, path]) => [column, valueAt(json, path)] as const)
  for (const [column, value] of values) {
    const text = cellText(value)
    if (text !== undefined) row[column] = text
  }
  return row
}

const valueAt = (json: unknown, path: string): unknown => path.split('.').reduce(childOf, json)

/** An own property of an object, or an element of an array; undefined if there is none. */
function childOf(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return /^\d+$/.test(name) ? value[Number(name)] : undefined
  return isJsonMap(value) && Object.hasOwn(value, name) ? value[name] : undefined
}
