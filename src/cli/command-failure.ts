import type { ErrorCode } from '../errors.ts'

export interface FailureParts {
  readonly code: ErrorCode
  readonly message: string
  /** The next step for the reader. */
  readonly remedy: string
  /** A list below the message. */
  readonly list?: readonly string[]
  /** Further fields of `error` in the JSON document. */
  readonly fields?: Readonly<Record<string, unknown>>
  /** Fields of the JSON document beside `error`. */
  readonly document?: Readonly<Record<string, unknown>>
}

/** The work of a command failed: exit code 1. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly parts: FailureParts

  constructor(parts: FailureParts) {
    super(parts.message)
    this.parts = parts
  }
}
