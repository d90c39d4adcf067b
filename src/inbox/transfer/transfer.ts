import { InboxOpenError } from '../inbox.ts'
import { openTransferSource, openTransferTarget } from '../open-inbox.ts'
import { compareStores } from './compare.ts'
import { type Counts, type Rows, type TableName, tableNames } from './rows.ts'
import type { Page, StoreReader, TransferSource, TransferState, TransferTarget } from './stores.ts'

export interface TransferOptions {
  /** URLs of the inboxes. */
  readonly from: string
  readonly to: string
  /** The OAuth client whose events are copied. Default: the one that the source knows. */
  readonly client: string | undefined
  /** Discards an unfinished copy that the target has, also of another source. */
  readonly restart: boolean
  /** Rows of all tables that were copied, or compared on both sides. */
  readonly onProgress: (step: 'copied' | 'compared', done: number, total: number) => void
}

export interface TransferResult {
  readonly source: string
  readonly target: string
  readonly client: string | undefined
  /** Rows of the source. */
  readonly counts: Counts
  /** Rows that an earlier, interrupted run had copied. */
  readonly resumedAt: number
  /** What differs, for people. If anything does, no service can open the target, and the next run begins again. */
  readonly differences: readonly string[]
}

/**
 * Copies an inbox, and compares every row of both sides. A run after an interrupted one continues, unless the source has changed
 * meanwhile: then it begins again. A service cannot open the target before the comparison has succeeded. The source keeps
 * its events. Throws `InboxOpenError` if one of them cannot be used.
 */
export async function transferInbox(options: TransferOptions): Promise<TransferResult> {
  const { from, to, client: given } = options
  const source = await openTransferSource(from, given)
  try {
    const client = given ?? source.client
    const target = await openTransferTarget(to, client)
    try {
      return { ...(await transfer(source, target, options)), client }
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

async function transfer(
  source: TransferSource,
  target: TransferTarget,
  { restart, onProgress }: TransferOptions,
): Promise<Omit<TransferResult, 'client'>> {
  const counts = await source.counts()
  const total = totalOf(counts)
  const state = await prepare(source, target, restart)
  const resumedAt = totalOf(await target.counts())
  await copy(source, target, state, (rows) => onProgress('copied', resumedAt + rows, total))
  const settings = await source.settings()
  const differences = await compareStores(source, target, (rows) => onProgress('compared', rows, 2 * total))
  if (state.fingerprint !== (await source.fingerprint()))
    differences.push(`${source.name} has changed meanwhile: stop every process that uses it`)
  // The next run finds another fingerprint, so it begins again.
  if (differences.length > 0)
    await target.setState({ ...state, fingerprint: '', table: undefined, after: undefined })
  else await target.finish(settings)
  return { source: source.name, target: target.name, counts, resumedAt, differences }
}

/** No inbox has it, so the next run begins again. */
const noFingerprint = ''

const totalOf = (counts: Counts): number => tableNames.reduce((sum, table) => sum + counts[table], 0)

/** Returns the state from which the copy continues. */
async function prepare(
  source: TransferSource,
  target: TransferTarget,
  restart: boolean,
): Promise<TransferState> {
  const earlier = await target.state()
  const fingerprint = await source.fingerprint()
  if (earlier !== undefined && earlier.source !== source.name && !restart)
    throw new InboxOpenError(
      `${target.name} is an unfinished copy of ${earlier.source}: give that inbox as FROM to finish it, or discard it with --restart`,
    )
  const isSame = earlier?.source === source.name && earlier.fingerprint === fingerprint
  const state =
    isSame && !restart
      ? earlier
      : { source: source.name, fingerprint, table: tableNames[0], after: undefined }
  if (earlier !== undefined && state !== earlier) {
    await target.setState({ ...state, fingerprint: noFingerprint }) // an interrupted deletion begins again
    await target.clear()
  }
  await target.setState(state)
  return state
}

async function copy(
  source: StoreReader,
  target: TransferTarget,
  state: TransferState,
  onRows: (rows: number) => void,
): Promise<void> {
  let rows = 0
  async function copyTable<Name extends TableName>(table: Name, from: TransferState): Promise<void> {
    let position: TransferState | undefined = from
    while (position !== undefined) {
      const page: Page<Rows[Name]> = await source.readers[table](position.after)
      const next: TransferState = { ...position, after: page.next }
      const isLast: boolean = page.next === undefined
      await target.writers[table](page.rows, isLast ? { ...next, table: tableAfter(table) } : next)
      rows += page.rows.length
      onRows(rows)
      position = isLast ? undefined : next
    }
  }
  const first = state.table === undefined ? tableNames.length : tableNames.indexOf(state.table)
  for (const table of tableNames.slice(first))
    await copyTable(table, { ...state, table, after: table === state.table ? state.after : undefined })
}

const tableAfter = (table: TableName): TableName | undefined => tableNames[tableNames.indexOf(table) + 1]
