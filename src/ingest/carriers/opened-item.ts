import type { MapItem } from '../../rules/mappings/map-item.ts'
import {
  type EnvelopeResult,
  type FieldProblem,
  ignored,
  type JsonObject,
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
  /** The carrier directly around the item, if it may be JSON of the sender's own instead. */
  readonly carrier?: { readonly item: JsonObject; readonly path: string } | undefined
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

  readonly carrier: Position['carrier']

  constructor(state: ItemState, { index = 0, path, messageId, carrier }: Position) {
    this.state = state
    this.index = index
    this.path = path
    this.carrier = carrier
    this.messageId = messageId && sha256(messageId)
  }

  /** Undefined if the content is ignored or invalid. */
  get item(): unknown {
    return this.state.kind === 'item' ? this.state.item : undefined
  }
}

/**
 * Reads an item that `openCarriers` returned. `read` is for items that were in no carrier. Problems have the path in the body. If the item
 * is not an event, a mapping may read the carrier in its place, if that may be JSON of the sender's own.
 */
export function readOpened({ state, path, carrier }: OpenedItem, read: ReadItem): ReadItem {
  return (_, mapItem): EnvelopeResult => {
    if (state.kind === 'ignored') return ignored
    if (state.kind === 'item' && path === '') return read(state.item, mapItem)
    const result =
      state.kind === 'item'
        ? underPath(path, readEnvelope(state.item, mapItem))
        : refused(path, state.message)
    if (result.kind !== 'invalid' || carrier === undefined || mapItem === undefined) return result
    return readMappedCarrier(carrier, mapItem) ?? result
  }
}

/** Undefined: no mapping matches the carrier. */
function readMappedCarrier(
  { item, path }: NonNullable<Position['carrier']>,
  mapItem: MapItem,
): EnvelopeResult | undefined {
  let matches = false
  const result = readEnvelope(item, (one, kind) => {
    const mapped = mapItem(one, kind)
    matches = mapped !== undefined
    return mapped
  })
  if (!matches) return undefined
  return underPath(path, result.kind === 'events' ? { ...result, content: item } : result)
}

function underPath(path: string, result: EnvelopeResult): EnvelopeResult {
  const withPath = (problem: FieldProblem): FieldProblem => ({
    ...problem,
    path: joinPaths(path, problem.path),
  })
  if (result.kind === 'invalid') return { ...result, problems: result.problems.map(withPath) }
  return result.kind === 'events' ? { ...result, rejected: result.rejected.map(withPath) } : result
}
