import type { ItemKind, MapItem } from '../../rules/mappings/map-item.ts'
import { readCanonical } from './canonical.ts'
import { type EnvelopeResult, foreign, type JsonObject } from './envelope.ts'

/**
 * Reads an item by the first mapping of the rules file that fits. Its fields are checked like those of a canonical event.
 * Undefined: no mapping fits.
 */
export function readMapped(item: JsonObject, kind: ItemKind, mapItem: MapItem): EnvelopeResult | undefined {
  const mapped = mapItem(item, kind)
  if (mapped === undefined) return undefined
  if (mapped.kind === 'ignored') return foreign
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
