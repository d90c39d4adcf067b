/** A part of an index: an open-addressed hash table of fixed size, which holds rows of ascending ids. */
export interface Segment {
  readonly firstId: number
  readonly lastId: number
  /** As it is stored: little-endian, like all machines this is built for. */
  readonly slots: Buffer
  /** Whether there is room for one more row. */
  takes(id: number): boolean
  add(hash: number, id: number): void
  /** Adds the ids under a hash to those that were found. */
  find(hash: number, found: number[]): void
  remove(hash: number, id: number): void
}

/** So that a search for what is not there ends after a few slots. */
const load = 0.75
/** What a slot has in place of an id: it holds nothing, and a search ends here. */
const empty = 0
/** The row is gone, but a search goes on. */
const gone = 0xffff_ffff

export function createSegment(rows: number, firstId: number): Segment {
  const size = 2 ** Math.ceil(Math.log2(rows / load))
  return over(new Uint32Array(2 * size), firstId, firstId, rows)
}

/** A stored segment: it takes no more rows. The buffer becomes its own. */
export function openSegment(firstId: number, lastId: number, stored: Buffer<ArrayBuffer>): Segment {
  const { buffer, byteOffset, length } = stored
  return over(new Uint32Array(buffer, byteOffset, length / Uint32Array.BYTES_PER_ELEMENT), firstId, lastId, 0)
}

/** A slot is two numbers of 32 bits: the hash of a row, and how far its id is from the first one, plus 1. */
function over(
  slots: Uint32Array<ArrayBuffer>,
  firstId: number,
  lastIdAtFirst: number,
  roomAtFirst: number,
): Segment {
  const mask = slots.length - 1
  let lastId = lastIdAtFirst
  let room = roomAtFirst
  const first = (hash: number) => (2 * hash) & mask
  const next = (slot: number) => (slot + 2) & mask
  const at = (slot: number) => slots[slot + 1] ?? empty
  const offsetOf = (id: number) => id - firstId + 1

  return {
    firstId,
    get lastId() {
      return lastId
    },
    slots: Buffer.from(slots.buffer, slots.byteOffset, slots.byteLength),
    takes: (id) => room > 0 && offsetOf(id) < gone,
    add: (hash, id) => {
      let slot = first(hash)
      while (at(slot) !== empty) slot = next(slot)
      slots[slot] = hash
      slots[slot + 1] = offsetOf(id)
      lastId = id
      room -= 1
    },
    find: (hash, found) => {
      for (let slot = first(hash); at(slot) !== empty; slot = next(slot))
        if (slots[slot] === hash && at(slot) !== gone) found.push(firstId + at(slot) - 1)
    },
    remove: (hash, id) => {
      for (let slot = first(hash); at(slot) !== empty; slot = next(slot))
        if (slots[slot] === hash && at(slot) === offsetOf(id)) slots[slot + 1] = gone
    },
  }
}
