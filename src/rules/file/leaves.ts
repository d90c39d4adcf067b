export interface Leaf {
  readonly path: readonly string[]
  readonly value: string | number | boolean | null
}

/** The scalars in a map and the maps below it, one by one. */
export function leavesOf(map: object, above: readonly string[] = []): readonly Leaf[] {
  return Object.entries(map).flatMap(([key, value]: [string, unknown]): readonly Leaf[] => {
    const path = [...above, key]
    if (typeof value === 'object' && value !== null) return leavesOf(value, path)
    return value === null ||
      typeof value === 'string' ||
      typeof value === 'number' ||
      typeof value === 'boolean'
      ? [{ path, value }]
      : []
  })
}
