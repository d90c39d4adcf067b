/** Reproducible random choices: the same seed and number give the same choices. */
export interface Random {
  /** In [0, below). */
  int(below: number): number
  chance(probability: number): boolean
  pick<const T>(list: readonly [T, ...T[]]): T
  /** A random value, by weight. */
  weighted<T>(list: readonly (readonly [weight: number, value: T])[]): T
}

/** Mulberry32, seeded with seed and request number, so each request can be generated alone. */
export function createRandom(seed: number, number: number): Random {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(number + 1, 0xc2b2ae35)
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  next()
  const int = (below: number): number => Math.floor(next() * below)
  return {
    int,
    chance: (probability) => next() < probability,
    pick: (list) => list[int(list.length)] ?? list[0],
    weighted: (list) => {
      let left = next() * list.reduce((sum, [weight]) => sum + weight, 0)
      for (const [weight, value] of list) {
        left -= weight
        if (left < 0) return value
      }
      const [, last] = list.at(-1) ?? []
      if (last === undefined) throw new Error('nothing to choose from')
      return last
    },
  }
}
