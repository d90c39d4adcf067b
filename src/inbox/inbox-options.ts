import type { NodeOptions } from './nodes.ts'

/** What "durable" means with the settings of the server of an inbox. */
export interface Durability {
  /** What an accepted event survives. */
  readonly survives: 'failover' | 'power_cut' | 'process_end'
  /** For people: the settings because of which it survives less than it could. */
  readonly warnings: readonly string[]
}

export interface InboxOptions {
  /** `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`. */
  readonly url: string
  /** Most pending events, without replayed ones; the inbox refuses appends that would exceed it. */
  readonly maxPending: number
  /** Epoch ms, for stored times. */
  readonly now: () => number
  /** Ms of a clock that never jumps, for leases and due times. Default: `now`. */
  readonly monotonic?: () => number
  /** Whether more events are about to be appended: a commit may wait for them for up to 2 ms. Default: never. */
  readonly moreExpected?: (() => boolean) | undefined
  /** Called when the files of the running inbox are lost, saved, or in place again. */
  readonly onFileNotice?: (notice: FileNotice) => void
  /** Called when the state of the server of the inbox changes. */
  readonly onServerNotice?: (notice: ServerNotice) => void
  /** The OAuth client whose events these are. A server can store several; a file adopts this one. Absent: the only one that is stored. */
  readonly client?: string | undefined
  /** How this process takes part, if several nodes can share the inbox. Default: it takes events and delivers. */
  readonly node?: NodeOptions
  /** Refuse to open the inbox if no synchronous standby confirms commits. */
  readonly requireSyncStandby?: boolean
}

/** What happened to the files of a running inbox, for the log. */
export interface FileNotice {
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
  /** Path of the inbox. */
  readonly file: string
  readonly cause?: string
  readonly remedy?: string
  /** Path of the copy. */
  readonly saved?: string
  readonly err?: unknown
}

/** What happened to the server of an inbox, for the log. Without credentials. */
export interface ServerNotice {
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
  /** Hosts and database. */
  readonly server: string
  readonly cause?: string
  readonly remedy?: string
  /** What accepted events survive. */
  readonly survives?: string
}

/** The inbox refuses events for now. */
export class InboxUnavailableError extends Error {
  override readonly name: string = 'InboxUnavailableError'
  /** Cause and remedy are for people. */
  readonly why: { readonly cause: string; readonly remedy: string }
  constructor(why: { readonly cause: string; readonly remedy: string }, options?: ErrorOptions) {
    super(`${why.cause}. ${why.remedy}`, options)
    this.why = why
  }
}

/** The inbox refuses events, because its files are not at their path. `why` has the path. */
export class InboxFileLostError extends InboxUnavailableError {
  override readonly name = 'InboxFileLostError'
}

/** The inbox cannot be opened. The message includes the remedy. */
export class InboxOpenError extends Error {
  override readonly name = 'InboxOpenError'
  /** The settings are wrong, or those of the server are. */
  readonly isConfiguration: boolean
  constructor(
    message: string,
    { isConfiguration = false, ...options }: ErrorOptions & { isConfiguration?: boolean } = {},
  ) {
    super(message, options)
    this.isConfiguration = isConfiguration
  }
}

/** An inbox from outside: a service may be using it. */
export type InboxInspection =
  /** The next start creates the file. */
  | { readonly kind: 'absent'; readonly file: string }
  | {
      readonly kind: 'present'
      /** The existing files of the inbox: all must be writable. The first one has the events. */
      readonly files: readonly string[]
      /** 0: an empty file. */
      readonly schema: number
      /** The schema of this version, to which a start migrates an older one. */
      readonly supportedSchema: number
      /** Whether a process holds the lock of the inbox. */
      readonly inUse: boolean
    }
  | {
      readonly kind: 'server'
      /** Hosts and database. */
      readonly server: string
      /** 0: the next start creates the tables. */
      readonly schema: number
      readonly supportedSchema: number
      /** The server accepts writes. */
      readonly isWritable: boolean
      readonly durability: Durability
    }
