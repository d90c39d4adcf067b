import { hash } from 'node:crypto'
import { type Rows, type TableName, tableNames } from './rows.ts'
import type { Cursor, StoreReader, TransferSource } from './stores.ts'

/** What of a row is compared, in this order. */
const fields: { readonly [Name in TableName]: readonly (keyof Rows[Name])[] } = {
  participants: [
    'conversationId',
    'participantId',
    'priority',
    'firstSequence',
    'ended',
    'dueAt',
    'failedAt',
    'failureCode',
    'failureAttempts',
  ],
  events: [
    'sequence',
    'identity',
    'priority',
    'acceptedAt',
    'replayedAt',
    'state',
    'settledAt',
    'code',
    'detail',
    'attempts',
    'decision',
    'patch',
    'status',
    'correlationId',
    'targetId',
    'firstSequence',
    'event',
  ],
  knownValues: ['conversationId', 'participantId', 'attribute', 'value', 'decidedAt', 'sequence', 'knownAt'],
}

/** The number by which a row belongs to a bucket, and how people recognise the row: never an attribute value. */
const describers: {
  readonly [Name in TableName]: (row: Rows[Name]) => { readonly number: number; readonly name: string }
} = {
  participants: ({ firstSequence, conversationId, participantId }) => ({
    number: firstSequence,
    name: `${conversationId}/${participantId}`,
  }),
  events: ({ sequence, identity }) => ({ number: sequence, name: identity }),
  knownValues: ({ sequence, conversationId, participantId, attribute }) => ({
    number: sequence,
    name: `${attribute} of ${conversationId}/${participantId}`,
  }),
}

const labels: Readonly<Record<TableName, string>> = {
  participants: 'participants with pending events',
  events: 'events',
  knownValues: 'known values',
}

const buckets = 1_024
const maxSum = 2 ** 48
const maxNames = 5
/** Rows in memory while the differing ones are searched. */
const maxSearched = 100_000

/** Engines return rows in different orders, so a checksum is a sum. One per bucket, so that a difference can be found. */
interface Digest {
  count: number
  readonly sums: Float64Array
}

/** Reads every row of both sides. Returns what differs, for people. */
export async function compareStores(
  source: TransferSource,
  target: StoreReader,
  onRows: (rows: number) => void,
): Promise<string[]> {
  let rows = 0
  const count = (found: number) => {
    rows += found
    onRows(rows)
  }
  const differences: string[] = []
  for (const table of tableNames) {
    const one = await digestOf(source, table, count)
    const other = await digestOf(target, table, count)
    const differing = new Set(
      [...one.sums.keys()].filter((bucket) => one.sums[bucket] !== other.sums[bucket]),
    )
    if (one.count === other.count && differing.size === 0) continue
    const names = await findDiffering(source, target, table, differing)
    const list =
      names.length === 0
        ? ''
        : `: ${names.slice(0, maxNames).join(', ')}${names.length > maxNames ? ', …' : ''}`
    differences.push(
      one.count === other.count
        ? `${labels[table]}: the same number, but different contents${list}`
        : `${labels[table]}: ${one.count} in FROM, ${other.count} in TO${list}`,
    )
  }
  return differences
}

async function digestOf<Name extends TableName>(
  store: StoreReader,
  table: Name,
  onRows: (rows: number) => void,
): Promise<Digest> {
  const digest: Digest = { count: 0, sums: new Float64Array(buckets) }
  for await (const rows of pagesOf(store, table)) {
    for (const row of rows) {
      const bucket = bucketOf(table, row)
      digest.count += 1
      digest.sums[bucket] = ((digest.sums[bucket] ?? 0) + checksumOf(table, row)) % maxSum
    }
    onRows(rows.length)
  }
  return digest
}

/** The names of rows of these buckets that one side lacks, or has with other contents. */
async function findDiffering<Name extends TableName>(
  source: StoreReader,
  target: StoreReader,
  table: Name,
  differing: ReadonlySet<number>,
): Promise<readonly string[]> {
  const names = new Map<number, string>()
  for await (const rows of pagesOf(source, table))
    for (const row of rows)
      if (differing.has(bucketOf(table, row)) && names.size < maxSearched)
        names.set(checksumOf(table, row), describers[table](row).name)
  const isCut = names.size >= maxSearched
  const others = new Set<string>()
  for await (const rows of pagesOf(target, table))
    for (const row of rows)
      if (
        differing.has(bucketOf(table, row)) &&
        !names.delete(checksumOf(table, row)) &&
        !isCut &&
        others.size < maxSearched
      )
        others.add(describers[table](row).name)
  return [...new Set([...names.values(), ...others])].sort()
}

async function* pagesOf<Name extends TableName>(
  store: StoreReader,
  table: Name,
): AsyncIterable<readonly Rows[Name][]> {
  let after: Cursor | undefined
  do {
    const { rows, next } = await store.readers[table](after)
    yield rows
    after = next
  } while (after !== undefined)
}

const bucketOf = <Name extends TableName>(table: Name, row: Rows[Name]): number =>
  describers[table](row).number % buckets

/** 48 bits. PostgreSQL stores no NUL character, so it counts as the character that stands for it there. */
function checksumOf<Name extends TableName>(table: Name, row: Rows[Name]): number {
  const text = JSON.stringify(fields[table].map((field) => row[field])).replaceAll('\\u0000', '\ufffd')
  return hash('sha256', text, 'buffer').readUIntBE(0, 6)
}
