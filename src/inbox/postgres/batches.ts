/** Runs calls in batches. */
export interface Batches<Item, Result> {
  /** Runs the item in the next batch. Batches follow each other, in the order of the calls. */
  run(item: Item): Promise<Result>
  /** Resolves when no item waits or runs. */
  idle(): Promise<void>
}

interface BatchesDeps<Item, Result> {
  /** Returns one result per item. */
  readonly work: (items: readonly Item[]) => Promise<readonly Result[]>
  /** Most weight of one batch. A batch has at least one item. */
  readonly maxWeight: number
  readonly weightOf: (item: Item) => number
  /** Runs the function soon, so that items that are about to come join the batch. */
  readonly gather: (run: () => void) => void
}

interface Waiting<Item, Result> {
  readonly item: Item
  resolve(result: Result): void
  reject(error: unknown): void
}

/** While a batch is on its way to the server, the items that come meanwhile form the next one: so a slow server gets larger batches. */
export function createBatches<Item, Result>(deps: BatchesDeps<Item, Result>): Batches<Item, Result> {
  let waiting: Waiting<Item, Result>[] = []
  let running: Promise<void> | undefined

  function takeBatch(): Waiting<Item, Result>[] {
    let weight = 0
    let count = 0
    for (const { item } of waiting) {
      weight += deps.weightOf(item)
      if (count > 0 && weight > deps.maxWeight) break
      count += 1
    }
    const batch = waiting.slice(0, count)
    waiting = waiting.slice(count)
    return batch
  }

  async function runAll(): Promise<void> {
    await new Promise<void>((resolve) => deps.gather(resolve))
    while (waiting.length > 0) {
      const batch = takeBatch()
      try {
        const results = await deps.work(batch.map(({ item }) => item))
        for (const [index, { resolve, reject }] of batch.entries()) {
          const result = results[index]
          if (result === undefined) reject(new Error('a batch returned too few results'))
          else resolve(result)
        }
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    running = undefined
  }

  return {
    run: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject })
        running ??= runAll()
      }),
    idle: async () => running,
  }
}
