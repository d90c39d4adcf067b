import type { DeliveryPause } from '../inbox.ts'
import type { Counts, Rows, TableName } from './rows.ts'

/** A position between two rows of a table. Only the engine that made it can read it. */
export type Cursor = readonly (string | number)[]

export interface Page<Row> {
  /** Limited in number and bytes. May be empty although `next` is present. */
  readonly rows: readonly Row[]
  /** Continue with it; undefined: that was the last page. */
  readonly next: Cursor | undefined
}

/**
 * Reads the rows of a table after the position. Settled events come in the order in which they were settled, with the events of
 * one PATCH together: an engine may store them by that order.
 */
export type TableReaders = {
  readonly [Name in TableName]: (after: Cursor | undefined) => Promise<Page<Rows[Name]>>
}

/** What an inbox has beside its tables. */
export interface Settings {
  readonly pause: DeliveryPause | undefined
  /** At least as high as every sequence that was ever given to an event. */
  readonly lastSequence: number
}

export interface StoreReader {
  /** Names the inbox, without credentials. Two inboxes have different names. */
  readonly name: string
  readonly readers: TableReaders
  counts(): Promise<Counts>
  settings(): Promise<Settings>
}

/** An inbox from which another one is copied. No other process uses it until `close`. */
export interface TransferSource extends StoreReader {
  /** The OAuth client whose events these are; undefined: not known. */
  readonly client: string | undefined
  /** Changes with the inbox. */
  fingerprint(): Promise<string>
  close(): Promise<void>
}

/** How far a copy is. */
export interface TransferState {
  /** Name of the inbox that is copied. */
  readonly source: string
  /** Of that inbox, when the copy began. */
  readonly fingerprint: string
  /** The table that is being copied; undefined: all are. */
  readonly table: TableName | undefined
  /** The position after the last row that was copied. */
  readonly after: Cursor | undefined
}

export type TableWriters = {
  /** Stores rows and state in one transaction. */
  readonly [Name in TableName]: (rows: readonly Rows[Name][], state: TransferState) => Promise<void>
}

/** An inbox into which another one is copied: empty, or with a state. While it has a state, no service can open it. No other process uses it until `close`. */
export interface TransferTarget extends StoreReader {
  readonly writers: TableWriters
  /** Undefined: no copy was begun. */
  state(): Promise<TransferState | undefined>
  /** Stores the state of a copy. */
  setState(state: TransferState): Promise<void>
  /** Deletes all rows. A state remains. */
  clear(): Promise<void>
  /** Stores the settings and removes the state, durably: a service can open the inbox from now on. */
  finish(settings: Settings): Promise<void>
  close(): Promise<void>
}

/** Limits of a page: the memory of a copy does not grow with the inbox. */
export const maxPageRows = 1_000
export const maxPageBytes = 2_000_000
