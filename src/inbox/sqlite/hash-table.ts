/** A multimap in memory from hashes (32 bits) to ids (1 to 2^42). It takes at most 12 bytes an entry, plus 64 KiB. */
export interface HashTable {
  /** The same pair must not be added twice. */
  add(hash: number, id: number): void
  find(hash: number): number[]
  /** Does nothing if the pair is not there. */
  remove(hash: number, id: number): void
  readonly bytes: number
}

/**
 * The first 10 bits of a hash choose one of 1,024 partitions. Each is resized by itself, so that with 20,000,000 entries a resize moves
 * 20,000 of them and not all.
 */
const partitionBits = 10
const idBits = 10
const idMask = 2 ** idBits - 1
const smallest = 8

/** A partition is resized to three quarters full when it is more than seven eighths or less than two thirds full. */
const slotsFor = (entries: number): number => Math.max(smallest, Math.ceil(entries / 0.75))
const tooFull = (entries: number, slots: number): boolean => 8 * entries > 7 * slots
const tooEmpty = (entries: number, slots: number): boolean => 3 * entries < 2 * slots && slots > smallest

/** `expected`: how many entries will be added at once; it spares the resizes on the way. */
export function createHashTable(expected = 0): HashTable {
  const slots = slotsFor(expected / 2 ** partitionBits)
  const partitions = Array.from({ length: 2 ** partitionBits }, () => createPartition(slots))
  const entries = new Uint32Array(partitions.length)

  function resize(index: number): void {
    const from = partitionAt(index)
    const to = createPartition(slotsFor(entries[index] ?? 0))
    for (let slot = 0; slot < from.length; slot += 2) {
      if (!isEmpty(from, slot)) put(to, upperAt(from, slot), lowerAt(from, slot))
    }
    partitions[index] = to
  }

  function partitionAt(index: number): Uint32Array<ArrayBuffer> {
    const partition = partitions[index]
    if (partition === undefined) throw new RangeError(`no partition ${index}`)
    return partition
  }

  function count(index: number, change: 1 | -1): number {
    const counted = (entries[index] ?? 0) + change
    entries[index] = counted
    return counted
  }

  return {
    add: (hash, id) => {
      const index = indexOf(hash)
      if (tooFull(count(index, 1), partitionAt(index).length / 2)) resize(index)
      put(partitionAt(index), upperOf(hash, id), id >>> 0)
    },
    find: (hash) => {
      const partition = partitionAt(indexOf(hash))
      const wanted = upperOf(hash, 0)
      const found: number[] = []
      for (let slot = home(partition, wanted); !isEmpty(partition, slot); slot = next(partition, slot)) {
        const upper = upperAt(partition, slot)
        if (hashOf(upper) === wanted) found.push((upper & idMask) * 2 ** 32 + lowerAt(partition, slot))
      }
      return found
    },
    remove: (hash, id) => {
      const index = indexOf(hash)
      const partition = partitionAt(index)
      if (!take(partition, upperOf(hash, id), id >>> 0)) return
      if (tooEmpty(count(index, -1), partition.length / 2)) resize(index)
    },
    get bytes() {
      return partitions.reduce((sum, { byteLength }) => sum + byteLength, 0)
    },
  }
}

const indexOf = (hash: number): number => hash >>> (32 - partitionBits)

/*
 * A partition is an open-addressed table with linear probing. A slot is two words: the upper one holds the 22 bits of the hash that did not
 * choose the partition, then the upper 10 bits of the id; the lower one holds the lower 32 bits of the id. Both are 0 in an empty slot: no id
 * is 0. A slot is referred to by the position of its upper word.
 */

const createPartition = (slots: number): Uint32Array<ArrayBuffer> => new Uint32Array(2 * slots)

const upperOf = (hash: number, id: number): number =>
  ((hash << partitionBits) >>> 0) + Math.floor(id / 2 ** 32)
const hashOf = (upper: number): number => (upper & ~idMask) >>> 0
const upperAt = (partition: Uint32Array, slot: number): number => partition[slot] ?? 0
const lowerAt = (partition: Uint32Array, slot: number): number => partition[slot + 1] ?? 0
const isEmpty = (partition: Uint32Array, slot: number): boolean =>
  upperAt(partition, slot) === 0 && lowerAt(partition, slot) === 0

/** The slot where a search starts. It rises with the hash: entries that are added by hash fill the memory from start to end. */
const home = (partition: Uint32Array, upper: number): number =>
  2 * Math.floor((hashOf(upper) / 2 ** 32) * (partition.length / 2))
const next = (partition: Uint32Array, slot: number): number => (slot + 2 === partition.length ? 0 : slot + 2)

function put(partition: Uint32Array, upper: number, lower: number): void {
  let slot = home(partition, upper)
  while (!isEmpty(partition, slot)) slot = next(partition, slot)
  write(partition, slot, upper, lower)
}

function write(partition: Uint32Array, slot: number, upper: number, lower: number): void {
  partition[slot] = upper
  partition[slot + 1] = lower
}

/** Removes an entry and moves later ones up, so that searches find no gap before them. Returns whether it was there. */
function take(partition: Uint32Array, upper: number, lower: number): boolean {
  let gap = home(partition, upper)
  while (upperAt(partition, gap) !== upper || lowerAt(partition, gap) !== lower) {
    if (isEmpty(partition, gap)) return false
    gap = next(partition, gap)
  }
  for (let slot = next(partition, gap); !isEmpty(partition, slot); slot = next(partition, slot)) {
    const start = home(partition, upperAt(partition, slot))
    if (distance(partition, start, slot) < distance(partition, gap, slot)) continue // a search for it starts behind the gap
    write(partition, gap, upperAt(partition, slot), lowerAt(partition, slot))
    gap = slot
  }
  write(partition, gap, 0, 0)
  return true
}

const distance = (partition: Uint32Array, from: number, to: number): number =>
  to >= from ? to - from : to - from + partition.length
