export interface ScalarEntry {
  readonly path: readonly string[]
  readonly value: string | number | boolean | null
}

/** Lists the scalars of a map and of the maps inside it, each with its path. */
export function scalarEntriesOf(map: object, above: readonly string[] = []): readonly ScalarEntry[] {
  return Object.entries(map).flatMap(([key, value]: [string, unknown]): readonly ScalarEntry[] => {
    const path = [...above, key]
    if (typeof value === 'object' && value !== null) return scalarEntriesOf(value, path)
    return value === null ||
      typeof value === 'string' ||
      typeof value === 'number' ||
      typeof value === 'boolean'
      ? [{ path, value }]
      : []
  })
}
