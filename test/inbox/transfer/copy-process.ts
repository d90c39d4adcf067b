import { copy } from './harness.ts'

/** Copies an inbox, and tells its parent of each page, which can kill it meanwhile. */
const [from = '', to = ''] = process.argv.slice(2)
const result = await copy(from, to, { onProgress: (step) => void process.send?.(step) })
process.exitCode = result.differences.length === 0 ? 0 : 1
process.disconnect()
