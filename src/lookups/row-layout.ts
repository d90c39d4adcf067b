/**
 * How the rows of a table lie in memory: as bytes in pages, outside of the garbage collector's reach. A row is its number
 * of cells (1 byte), then the key and each cell: 2 bytes of length, then UTF-8. A row never crosses pages; its place is
 * `page * pageBytes + offset`. Against a Map of objects this takes a quarter of the memory, with shorter pauses
 * while a table is loaded; bench/lookups.ts compares them.
 */
export const pageBytes = 4_194_304
/** Places are 32-bit numbers. */
export const mostPages = 1_000
/** Of the texts of one row: lengths fit into 2 bytes, rows into pages. */
export const maxRowBytes = 32_768
/** Stands for the length of a cell that is not there. */
export const absentCell = 0xffff

export type Pages = readonly Buffer[]

/** FNV-1a, then mixed: the low bits of FNV alone are poor for keys that differ in their last digits. */
export function hashBytes(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return (hash ^ (hash >>> 13)) >>> 0
}

/** The slot of the index that holds the place of this key (plus one), or the free slot where it would be. */
export function findSlot(
  index: Uint32Array,
  pages: Pages,
  key: Uint8Array,
  from: number,
  to: number,
): number {
  const mask = index.length - 1
  for (let slot = hashBytes(key, from, to) & mask; ; slot = (slot + 1) & mask) {
    const entry = index[slot] ?? 0
    if (entry === 0 || hasKey(pages, entry - 1, key, from, to)) return slot
  }
}

export const pageOf = (pages: Pages, place: number): Buffer | undefined =>
  pages[Math.floor(place / pageBytes)]
export const lengthAt = (page: Buffer, at: number): number => (page[at] ?? 0) | ((page[at + 1] ?? 0) << 8)

function hasKey(pages: Pages, place: number, key: Uint8Array, from: number, to: number): boolean {
  const page = pageOf(pages, place)
  const at = (place % pageBytes) + 1
  if (page === undefined || lengthAt(page, at) !== to - from) return false
  for (let offset = 0; offset < to - from; offset += 1) {
    if (page[at + 2 + offset] !== key[from + offset]) return false
  }
  return true
}
