import type { ItemKind, MapItem } from '../../rules/mappings/map-item.ts'
import { readCanonical } from './canonical.ts'
import { type EnvelopeResult, ignored, type JsonObject, type ReadItem } from './envelope.ts'

/**
 * Reads an item with the first mapping of the rules file that matches. Its fields are validated like those of a canonical
 * event. Undefined: no mapping matches.
 */
export function readMapped(item: JsonObject, kind: ItemKind, mapItem: MapItem): EnvelopeResult | undefined {
  const mapped = mapItem(item, kind)
  if (mapped === undefined) return undefined
  if (mapped.kind === 'ignored') return ignored
  if (mapped.kind === 'failed') return { kind: 'invalid', problems: mapped.problems }
  const result = readCanonical(mapped.fields, 'mapped')
  switch (result.kind) {
    case 'events':
      return {
        ...result,
        drafts: result.drafts.map((draft) => ({ ...draft, body: item })),
        odd: [
          ...result.odd,
          ...mapped.odd.map((field) => ({ envelope: 'mapped', field, found: 'object' }) as const),
        ],
      }
    case 'invalid':
      return {
        kind: 'invalid',
        problems: result.problems.map(({ path, message }) => ({
          path,
          message: `${message}: ${mapped.originOf(path)}`,
        })),
      }
    default:
      return result
  }
}

/** Reads an item and also returns the name of the mapping that it used. For the commands and the dry run. */
export function readWithMappingName(
  read: ReadItem,
  item: unknown,
  mapItem: MapItem | undefined,
): { readonly result: EnvelopeResult; readonly mapping: string | undefined } {
  let mapping: string | undefined
  const result = read(
    item,
    mapItem &&
      ((one, kind) => {
        const mapped = mapItem(one, kind)
        mapping = mapped?.mapping
        return mapped
      }),
  )
  return { result, mapping }
}
