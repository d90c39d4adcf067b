import {
  type EnvelopeResult,
  type FieldProblem,
  ignored,
  joinPaths,
  type ReadItem,
  refused,
} from '../envelopes/envelope.ts'
import { readEnvelope } from '../envelopes/envelopes.ts'
import { sha256 } from '../identity.ts'

type ItemState =
  | { readonly kind: 'item'; readonly item: unknown }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'invalid'; readonly message: string }

export interface Position {
  /** Undefined until the first list. */
  readonly index: number | undefined
  readonly path: string
  readonly messageId: string | undefined
}

/** An item of a request whose items include carriers: taken out of one, or in none. */
export class OpenedItem {
  readonly state: ItemState
  /** The position in the outermost list: the array of the body, or the list in its only carrier. */
  readonly index: number
  /** Where the item was: `Records[1].body`. Empty: not in a carrier. */
  readonly path: string
  /** Identifies the message in which the innermost carrier with an id brought the item. */
  readonly messageId: string | undefined

  constructor(state: ItemState, { index = 0, path, messageId }: Position) {
    this.state = state
    this.index = index
    this.path = path
    this.messageId = messageId && sha256(messageId)
  }

  /** Undefined if the content is ignored or invalid. */
  get item(): unknown {
    return this.state.kind === 'item' ? this.state.item : undefined
  }
}

/** Reads an item that `openCarriers` returned. `read` is for items that were in no carrier. Problems have the path in the body. */
export function readOpened({ state, path }: OpenedItem, read: ReadItem): ReadItem {
  return (_, mapItem): EnvelopeResult => {
    if (state.kind === 'ignored') return ignored
    if (state.kind === 'invalid') return refused(path, state.message)
    if (path === '') return read(state.item, mapItem)
    const result = readEnvelope(state.item, mapItem)
    const underPath = (problem: FieldProblem): FieldProblem => ({
      ...problem,
      path: joinPaths(path, problem.path),
    })
    if (result.kind === 'invalid') return { ...result, problems: result.problems.map(underPath) }
    return result.kind === 'events' ? { ...result, rejected: result.rejected.map(underPath) } : result
  }
}
