import type { MapItem } from '../../rules/mappings/map-item.ts'
import type { EnvelopeResult, ReadItem } from './envelope.ts'

/** Reads an item and returns the name of the mapping that was used, for commands that show how an item is read. */
export function readTellingMapping(
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
