import { closeSync, openSync, writeSync } from 'node:fs'

const tiers = ['platinum', 'gold', 'silver', 'standard']

export const keyOf = (row: number): string => `tel:+1317${String(5_550_000_000 + row * 7).padStart(10, '0')}`

const csvRow = (row: number): string =>
  `${keyOf(row)},${tiers[row % 4]},Customer ${row},ACC-${100_000 + row}\n`

const jsonRow = (row: number): string =>
  `"${keyOf(row)}":{"tier":"${tiers[row % 4]}","name":"Customer ${row}","account":"ACC-${100_000 + row}"}`

/** Writes customers by phone number, with three columns each. */
export function writeRows(path: string, format: 'csv' | 'json', rows: number): void {
  const file = openSync(path, 'w')
  let text = format === 'csv' ? 'phone,tier,name,account\n' : '{'
  for (let row = 0; row < rows; row += 1) {
    text += format === 'csv' ? csvRow(row) : `${row === 0 ? '\n' : ',\n'}${jsonRow(row)}`
    if (text.length < 1_000_000) continue
    writeSync(file, text)
    text = ''
  }
  writeSync(file, format === 'csv' ? text : `${text}\n}\n`)
  closeSync(file)
}
