/** More levels than an expression can read, and few enough for recursion. */
export const maxDataDepth = 100

/**
 * JSON data that the CEL library can read. The library reads the `constructor` of a value to find its type, so it cannot read
 * an object with a key of that name: data with such a key is copied, with Maps in place of objects. Values below 100 levels
 * are removed. All other data is returned unchanged.
 */
export function plainData(data: unknown): unknown {
  return isPlain(data, 0) ? data : copy(data, 0)
}

function isPlain(data: unknown, depth: number): boolean {
  if (typeof data !== 'object' || data === null) return true
  if (depth === maxDataDepth) return false
  if (Array.isArray(data))
    return data.every((element) => typeof element !== 'object' || isPlain(element, depth + 1))
  // Object.values takes seven times as long.
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
