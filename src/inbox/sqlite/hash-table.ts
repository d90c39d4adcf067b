/** An in-memory multimap from 32-bit hashes to ids (1 to 2^42). It uses at most 12 bytes per entry, plus 64 KiB. */
export interface HashTable {
  /** The caller must not add the same pair twice. */
  add(hash: number, id: number): void
  find(hash: number): number[]
  /** Sets the only id of the hash. Returns the id before, if any. The caller adds no other id to this hash. */
  replace(hash: number, id: number): number | undefined
  /** Does nothing if the table lacks the pair. */
  remove(hash: number, id: number): void
  readonly bytes: number
}

/**
 * The first 10 bits of a hash select one of 1,024 partitions. Each partition resizes alone: with 20,000,000 entries, a resize moves
 * 20,000 of them.
 */
const partitionBits = 10
const idBits = 10
const idMask = 2 ** idBits - 1
const minSlots = 8

/** A partition that is more than seven eighths or less than two thirds full is resized to three quarters full. */
const slotsFor = (entries: number): number => Math.max(minSlots, Math.ceil(entries / 0.75))
const tooFull = (entries: number, slots: number): boolean => 8 * entries > 7 * slots
const tooEmpty = (entries: number, slots: number): boolean => 3 * entries < 2 * slots && slots > minSlots

/** `expected`: number of entries that the caller adds first. The table reserves their memory and avoids resizes. */
export function createHashTable(expected = 0): HashTable {
  const slots = slotsFor(expected / 2 ** partitionBits)
  const partitions = Array.from({ length: 2 ** partitionBits }, () =>
    expected === 0 ? noSlots : createPartition(slots),
  )
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

  function add(hash: number, id: number): void {
    const index = indexOf(hash)
    if (tooFull(count(index, 1), partitionAt(index).length / 2)) resize(index)
    put(partitionAt(index), upperOf(hash, id), id >>> 0)
  }

  return {
    add,
    replace: (hash, id) => {
      const partition = partitionAt(indexOf(hash))
      const wanted = upperOf(hash, 0)
      for (let slot = home(partition, wanted); !isEmpty(partition, slot); slot = next(partition, slot)) {
        const upper = upperAt(partition, slot)
        if (hashOf(upper) !== wanted) continue
        const before = (upper & idMask) * 2 ** 32 + lowerAt(partition, slot)
        write(partition, slot, upperOf(hash, id), id >>> 0)
        return before
      }
      add(hash, id)
      return undefined
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
 * A partition is an open-addressed table with linear probing. A slot is two 32-bit words. The upper word has the 22 bits of the hash that do
 * not select the partition, then the upper 10 bits of the id; the lower word has the lower 32 bits of the id. An empty slot is two zeros,
 * since ids start at 1. `slot` is the index of the upper word.
 */

const createPartition = (slots: number): Uint32Array<ArrayBuffer> => new Uint32Array(2 * slots)

/** The partition of an empty table, replaced at the first `add`: the start on an empty inbox creates no thousands of arrays. */
const noSlots = createPartition(0)

const upperOf = (hash: number, id: number): number =>
  ((hash << partitionBits) >>> 0) + Math.floor(id / 2 ** 32)
const hashOf = (upper: number): number => (upper & ~idMask) >>> 0
const upperAt = (partition: Uint32Array, slot: number): number => partition[slot] ?? 0
const lowerAt = (partition: Uint32Array, slot: number): number => partition[slot + 1] ?? 0
const isEmpty = (partition: Uint32Array, slot: number): boolean =>
  upperAt(partition, slot) === 0 && lowerAt(partition, slot) === 0

/** The slot where a search starts. It rises with the hash, so entries added in hash order fill the memory sequentially. */
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

/** Removes an entry and moves later entries into the gap, since a search stops at an empty slot. Returns whether the entry existed. */
function take(partition: Uint32Array, upper: number, lower: number): boolean {
  let gap = home(partition, upper)
  while (upperAt(partition, gap) !== upper || lowerAt(partition, gap) !== lower) {
    if (isEmpty(partition, gap)) return false
    gap = next(partition, gap)
  }
  for (let slot = next(partition, gap); !isEmpty(partition, slot); slot = next(partition, slot)) {
    const start = home(partition, upperAt(partition, slot))
    if (distance(partition, start, slot) < distance(partition, gap, slot)) continue // its search starts after the gap
    write(partition, gap, upperAt(partition, slot), lowerAt(partition, slot))
    gap = slot
  }
  write(partition, gap, 0, 0)
  return true
}

const distance = (partition: Uint32Array, from: number, to: number): number =>
  to >= from ? to - from : to - from + partition.length
