/** More levels than an expression can read, and few enough for recursion. */
export const maxDataDepth = 100

/**
 * JSON data that the CEL library can read. The library finds the type of a value by its `constructor`, so it cannot read an
 * object with a key of that name. Data with such a key, or deeper than `maxDataDepth`, is copied, with Maps in place of objects; all
 * other data is returned unchanged. In the copy, a list or object below that depth is undefined as the value of a key, and
 * null as an element of a list.
 */
export function readableData(data: unknown): unknown {
  return isReadable(data, 0) ? data : readableCopy(data, 0)
}

function isReadable(data: unknown, depth: number): boolean {
  if (typeof data !== 'object' || data === null) return true
  if (depth === maxDataDepth) return false
  if (Array.isArray(data))
    return data.every((element) => typeof element !== 'object' || isReadable(element, depth + 1))
  // Object.values takes seven times as long.
  for (const key in data) {
    if (key === 'constructor') return false
    const value: unknown = data[key as keyof typeof data]
    if (typeof value === 'object' && !isReadable(value, depth + 1)) return false
  }
  return true
}

function readableCopy(data: unknown, depth: number): unknown {
  if (typeof data !== 'object' || data === null) return data
  if (depth === maxDataDepth) return undefined
  if (Array.isArray(data)) return data.map((element) => readableCopy(element, depth + 1) ?? null)
  return new Map(Object.entries(data).map(([key, value]) => [key, readableCopy(value, depth + 1)]))
}
