import type { MapItem } from '../../enrich/mappings/map-item.ts'
import { readCanonical } from './canonical.ts'
import type { EnvelopeResult, JsonObject } from './envelope.ts'

/**
 * Any other item: a mapping of the rules file tells its fields, which then count as those of a canonical event. Undefined:
 * no mapping fits.
 */
export function readMapped(item: JsonObject, mapItem: MapItem): EnvelopeResult | undefined {
  const mapped = mapItem(item)
  if (mapped === undefined) return undefined
  if (mapped.kind === 'failed') return { kind: 'invalid', problems: mapped.problems }
  const result = readCanonical(mapped.fields, 'mapped')
  switch (result.kind) {
    case 'events':
      return { ...result, drafts: result.drafts.map((draft) => ({ ...draft, body: item })) }
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
