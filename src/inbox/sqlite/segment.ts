/** The hashes and ids of consecutive rows. The store writes it to the file when it is full. */
export interface Segment {
  readonly firstId: number
  readonly lastId: number
  /** Whether the segment has room for the row with this id. */
  hasRoomFor(id: number): boolean
  add(hash: number, id: number): void
  /** The entries for the file, sorted by hash for `readSegments`. */
  entries(): Buffer
}

export interface StoredSegment {
  readonly firstId: number
  readonly entries: Buffer<ArrayBuffer>
}

/**
 * An entry is a 64-bit number: the hash, then the id's distance from the first id. It is stored little-endian, which is the byte order of
 * all supported platforms.
 */
export const bytesPerEntry = BigUint64Array.BYTES_PER_ELEMENT

export function createSegment(rows: number, firstId: number): Segment {
  const words = new Uint32Array(2 * rows)
  let lastId = firstId
  let end = 0
  return {
    firstId,
    get lastId() {
      return lastId
    },
    hasRoomFor: (id) => end < words.length && id - firstId < 2 ** 32,
    add: (hash, id) => {
      words[end] = id - firstId
      words[end + 1] = hash
      end += 2
      lastId = id
    },
    entries: () => {
      new BigUint64Array(words.buffer, 0, end / 2).sort()
      return Buffer.from(words.buffer, 0, end * Uint32Array.BYTES_PER_ELEMENT)
    },
  }
}

const hashRanges = 1_024

/**
 * Calls `use` with every entry of all segments, in 1,024 ranges of rising hashes. Filling a hash table in another order misses the processor
 * cache with nearly every entry and takes five times as long.
 */
export function readSegments(
  segments: readonly StoredSegment[],
  use: (hash: number, id: number) => void,
): void {
  const readers = segments.map(createReader)
  for (let range = 1; range <= hashRanges; range += 1) {
    const end = (range / hashRanges) * 2 ** 32
    for (const reader of readers) reader.readUpTo(end, use)
  }
}

function createReader({ firstId, entries }: StoredSegment) {
  const words = new Uint32Array(entries.buffer, entries.byteOffset, entries.length / 4)
  let at = 0
  return {
    readUpTo(end: number, use: (hash: number, id: number) => void): void {
      for (; at < words.length; at += 2) {
        const hash = words[at + 1] ?? 0
        if (hash >= end) return
        use(hash, firstId + (words[at] ?? 0))
      }
    },
  }
}
