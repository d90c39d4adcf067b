import type Database from 'better-sqlite3'

/** The hash of texts in this file. */
export const readHash = (database: Database.Database) =>
  createHash(Number(database.prepare('SELECT seed FROM hash_seed').pluck().get()))

/** FNV-1a with the finalizer of MurmurHash3, 32 bits. The seed differs per file, so a sender cannot choose texts that collide. */
const createHash =
  (seed: number) =>
  (text: string): number => {
    let hash = (seed ^ 0x811c9dc5) | 0
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    return (hash ^ (hash >>> 16)) >>> 0
  }
