import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { ConfigurationError, Problem, systemCodeOf } from '../../errors.ts'
import type { ConversationEvent } from '../../event.ts'
import { type Body, readBody } from '../../ingest/body.ts'
import { openCarriers } from '../../ingest/carriers/carriers.ts'
import { OpenedItem, readOpened } from '../../ingest/carriers/opened-item.ts'
import { formatProblem, type ReadItem } from '../../ingest/envelopes/envelope.ts'
import { readEnvelope, readWithMappingName } from '../../ingest/envelopes/envelopes.ts'
import type { OddField } from '../../ingest/envelopes/odd-fields.ts'
import { identify } from '../../ingest/identity.ts'
import type { MapItem } from '../../rules/mappings/map-item.ts'
import { whyTooDeep } from '../../values/json.ts'
import { explainFileError } from '../../values/messages.ts'

/** Reads a JSON file, or standard input for `-`. Throws `ConfigurationError` if it is unreadable or not JSON. */
export async function readJson(file: string): Promise<unknown> {
  const content = await readInput(file)
  try {
    return JSON.parse(content.toString('utf8'))
  } catch (error) {
    throw new ConfigurationError(`${nameOf(file)} is not JSON`, [
      error instanceof Error ? error.message : String(error),
    ])
  }
}

/** Reads the items of a file as the webhook reads them in a request: JSON, NDJSON, with a byte order mark, encoded twice. */
export async function readItems(file: string): Promise<Body> {
  const content = await readInput(file)
  try {
    return readBody(content, {}, Number.POSITIVE_INFINITY)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    throw error.detail === undefined
      ? new ConfigurationError(`${nameOf(file)} is not JSON`, [])
      : new ConfigurationError(`${nameOf(file)} is not a body that the service accepts`, [error.detail])
  }
}

const nameOf = (file: string): string => (file === '-' ? 'standard input' : file)

async function readInput(file: string): Promise<Buffer> {
  try {
    return await (file === '-' ? buffer(process.stdin) : readFile(file))
  } catch (error) {
    const code = systemCodeOf(error, 'unreadable')
    throw new ConfigurationError(`${nameOf(file)} cannot be read`, [`${code}${explainFileError(code)}`])
  }
}

export interface ReadEvents {
  readonly events: readonly { readonly event: ConversationEvent; readonly mapping: string | undefined }[]
  /** For each ignored item, the mapping that ignored it. */
  readonly ignoredBy: readonly string[]
  readonly oddFields: readonly string[]
  readonly rejected: readonly string[]
}

/** Reads the items like the webhook, also those in carriers: a bad one is rejected alone, unless no other is left. */
export function eventsIn({ items, read }: Body, file: string, mapItem: MapItem | undefined): ReadEvents {
  const results = openCarriers(items).items.map((item) =>
    item instanceof OpenedItem
      ? readEvents(item.item, mapItem, readOpened(item, read))
      : readEvents(item, mapItem, read),
  )
  const reads = results.filter((result) => result.kind === 'events')
  const problems = results.flatMap((result, index) =>
    result.kind === 'invalid'
      ? result.problems.map((problem) => (items.length > 1 ? `item ${index}: ${problem}` : problem))
      : [],
  )
  if (reads.length === 0)
    throw new ConfigurationError(`${file} is not an event that the service accepts`, problems)
  return {
    events: reads.flatMap(({ events, mapping }) => events.map((event) => ({ event, mapping }))),
    ignoredBy: reads.flatMap(({ events, mapping }) =>
      events.length > 0 || mapping === undefined ? [] : [mapping],
    ),
    oddFields: [...new Set(reads.flatMap(({ oddFields }) => oddFields))],
    rejected: [...problems, ...reads.flatMap(({ rejected }) => rejected)],
  }
}

/** Reads the events of an item like the webhook. */
export function readEvents(item: unknown, mapItem: MapItem | undefined, read: ReadItem = readEnvelope) {
  const tooDeep = whyTooDeep(item)
  if (tooDeep !== undefined) return { kind: 'invalid', problems: [tooDeep] } as const
  const { result, mapping } = readWithMappingName(read, item, mapItem)
  if (result.kind === 'invalid')
    return { kind: 'invalid', problems: result.problems.map(formatProblem) } as const
  const { drafts, odd, rejected } = result.kind === 'events' ? result : { drafts: [], odd: [], rejected: [] }
  return {
    kind: 'events',
    events: drafts.map((draft) => identify(draft, { index: 0 })),
    mapping,
    oddFields: [...new Set(odd.map(formatOddField))],
    rejected: rejected.map(formatProblem),
  } as const
}

const formatOddField = ({ field, found }: OddField): string =>
  found === 'template'
    ? `${field} is an unfilled template and counts as absent`
    : `${field} has an unexpected type or form (${found})`
