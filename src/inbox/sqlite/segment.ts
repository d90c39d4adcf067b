/** The hashes and ids of some rows, in the order of the ids, to be stored once it is full. */
export interface Segment {
  readonly firstId: number
  readonly lastId: number
  /** Whether there is room for one more row. */
  takes(id: number): boolean
  add(hash: number, id: number): void
  /** What is stored: the entries, sorted by hash for `readSegments`. */
  entries(): Buffer
}

export interface StoredSegment {
  readonly firstId: number
  readonly entries: Buffer<ArrayBuffer>
}

/**
 * An entry is a number of 64 bits: the hash, then how far the id is from the first one. It is stored little-endian, as it is in the memory of
 * all machines this is built for.
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
    takes: (id) => end < words.length && id - firstId < 2 ** 32,
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
 * Calls `use` with every entry, all segments together in 1,024 ranges of rising hashes. A hash table that is filled in any other order misses
 * the processor's caches with nearly every entry, which takes five times as long.
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
