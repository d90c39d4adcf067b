import { LRUCache } from 'lru-cache'

/**
 * A cache of at most `maxEntries`, which drops the least recently used one first. Its memory grows with its entries: the option `max`
 * of the library takes the memory for all of them at once, which costs the start 7 to 40 ms for each large cache.
 */
export const createGrowingCache = <Key extends {}, Value extends {}>(maxEntries: number) =>
  new LRUCache<Key, Value>({ maxSize: maxEntries, sizeCalculation: () => 1 })
