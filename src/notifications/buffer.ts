/** Messages that are not stored yet, in order of arrival, within bounds. */
export interface Buffer {
  readonly size: number
  /** False: the buffer is full and the entry was not added. */
  add(entry: BufferEntry): boolean
  /** The oldest entries, up to these bounds but at least one if there is one. They stay in the buffer. */
  peek(most: { readonly entries: number; readonly bytes: number }): readonly BufferEntry[]
  /** Removes the oldest entries. */
  drop(entries: number): void
}

export interface BufferEntry {
  readonly item: unknown
  /** Length of the message text. */
  readonly bytes: number
}

export interface BufferBounds {
  readonly entries: number
  readonly bytes: number
}

export function createBuffer(bounds: BufferBounds): Buffer {
  let entries: BufferEntry[] = []
  let first = 0 // entries before it are dropped, which is cheaper than shifting the array each time
  let bytes = 0
  return {
    get size() {
      return entries.length - first
    },
    add: (entry) => {
      if (entries.length - first >= bounds.entries || bytes + entry.bytes > bounds.bytes) return false
      entries.push(entry)
      bytes += entry.bytes
      return true
    },
    peek: (most) => {
      let end = first
      let sum = 0
      for (const { bytes } of entries.slice(first, first + most.entries)) {
        sum += bytes
        if (sum > most.bytes && end > first) break
        end += 1
      }
      return entries.slice(first, end)
    },
    drop: (count) => {
      for (const entry of entries.slice(first, first + count)) bytes -= entry.bytes
      first = Math.min(entries.length, first + count)
      if (first * 2 < entries.length) return
      entries = entries.slice(first)
      first = 0
    },
  }
}
