import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { parse } from 'csv-parse'
import { loadFileTable } from '../../src/lookups/file-table.ts'

type Get = (key: string) => Readonly<Record<string, string>> | undefined
type Load = (file: string) => Promise<Get>

/** Calls `add` for each row of a CSV file except the header. */
async function eachRow(file: string, add: (cells: readonly string[]) => void): Promise<void> {
  let header = true
  const parser = parse({
    on_record: (cells: string[]) => {
      if (!header) add(cells)
      header = false
      return null
    },
  })
  parser.resume()
  await pipeline(createReadStream(file, { highWaterMark: 16_384 }), parser)
}

/** `table` is the form of the service; the others are alternatives. */
export const forms: Readonly<Record<string, Load>> = {
  table: async (file) => {
    const key = file.endsWith('.csv') ? { key: 'phone' } : {}
    const result = await loadFileTable({ file, delimiter: ',', ...key }, '/')
    if (result.kind === 'invalid') throw new Error(JSON.stringify(result.problems))
    return result.table.get
  },
  objects: async (file) => {
    const rows = new Map<string, Record<string, string>>()
    await eachRow(file, ([phone = '', tier = '', name = '', account = '']) => {
      rows.set(phone, { phone, tier, name, account })
    })
    return (key) => rows.get(key)
  },
  columns: async (file) => {
    const rows = new Map<string, number>()
    const tiers: string[] = []
    const names: string[] = []
    const accounts: string[] = []
    await eachRow(file, ([phone = '', tier = '', name = '', account = '']) => {
      rows.set(phone, tiers.push(tier) - 1)
      names.push(name)
      accounts.push(account)
    })
    return (phone) => {
      const row = rows.get(phone)
      if (row === undefined) return undefined
      return { phone, tier: tiers[row] ?? '', name: names[row] ?? '', account: accounts[row] ?? '' }
    }
  },
  bytes: async (file) => {
    const pageBytes = 4_194_304
    const rows = new Map<string, number>()
    const pages = [Buffer.allocUnsafeSlow(pageBytes)]
    let used = 0
    await eachRow(file, ([phone = '', ...cells]) => {
      const text = cells.join('\0')
      if (used + 4 + text.length * 3 > pageBytes) {
        pages.push(Buffer.allocUnsafeSlow(pageBytes))
        used = 0
      }
      const page = pages.at(-1)
      const length = page?.write(text, used + 4) ?? 0
      page?.writeUInt32LE(length, used)
      rows.set(phone, (pages.length - 1) * pageBytes + used)
      used += 4 + length
    })
    return (phone) => {
      const position = rows.get(phone)
      const page = pages[Math.floor((position ?? 0) / pageBytes)]
      if (position === undefined || page === undefined) return undefined
      const at = position % pageBytes
      const text = page.toString('utf8', at + 4, at + 4 + page.readUInt32LE(at))
      const [tier = '', name = '', account = ''] = text.split('\0')
      return { phone, tier, name, account }
    }
  },
}
