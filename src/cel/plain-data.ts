/** Deeper than rules can reach, and shallow enough to be passed over by recursion. */
export const maxDataDepth = 100

/**
 * JSON data in which every key is plain data. The CEL library asks a value for its `constructor` to learn what it is, so
 * that an object with a key of that name would be unreadable, with all its other keys; such an object becomes a Map. What
 * is deeper than 100 levels is left out. Data that has neither, as nearly all has, is returned as it is.
 */
export function plainData(data: unknown): unknown {
  return isPlain(data, 0) ? data : copy(data, 0)
}

function isPlain(data: unknown, depth: number): boolean {
  if (typeof data !== 'object' || data === null) return true
  if (depth === maxDataDepth) return false
  if (Array.isArray(data))
    return data.every((element) => typeof element !== 'object' || isPlain(element, depth + 1))
  // Not by Object.values, which takes seven times as long.
  for (const key in data) {
    if (key === 'constructor') return false
    const value: unknown = data[key as keyof typeof data]
    if (typeof value === 'object' && !isPlain(value, depth + 1)) return false
  }
  return true
}

function copy(data: unknown, depth: number): unknown {
  if (typeof data !== 'object' || data === null) return data
  if (depth === maxDataDepth) return undefined
  if (Array.isArray(data)) return data.map((element) => copy(element, depth + 1) ?? null)
  return new Map(Object.entries(data).map(([key, value]) => [key, copy(value, depth + 1)]))
}
