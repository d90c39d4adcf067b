import { writeFileSync } from 'node:fs'
import { loadFileTable } from '../../src/lookups/file-table.ts'
import type { Row } from '../../src/lookups/table.ts'
import { accounts, phones, tiers } from './values.ts'

/** A table of customers by address, for all contenders. */
export interface Customers {
  /** CSV with the addresses in column `phone`. */
  readonly file: string
  get(address: string): Row | undefined
}

/** Writes three in four of the callers, and `others` more customers. */
export async function writeCustomers(file: string, others: number): Promise<Customers> {
  const row = (phone: string, n: number) => `${phone},${tiers(n)},Customer ${n},${accounts(n)}\n`
  const callers = new Set(Array.from({ length: 100 }, (_, n) => phones(n)))
  writeFileSync(
    file,
    [
      'phone,tier,name,account\n',
      ...[...callers].filter((_, n) => n % 4 < 3).map(row),
      ...Array.from({ length: others }, (_, n) => row(`tel:+1812${5_550_000 + n}`, n)),
    ].join(''),
  )
  const result = await loadFileTable({ file, key: 'phone', delimiter: ',' }, '/')
  if (result.kind === 'invalid') throw new Error(JSON.stringify(result.problems))
  return { file, get: result.table.get }
}
