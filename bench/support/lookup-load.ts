import { rmSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { forms } from './lookup-forms.ts'
import { keyOf, writeRows } from './lookup-rows.ts'

// Measures one line of bench/lookups.ts and prints it as JSON.
const [, , form = '', file = '', size = '0'] = process.argv
const rows = Number(size)
const load = forms[form]
if (load === undefined) throw new Error(`there is no form ${form}`)

const rss = (): number => {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().rss / 1e6
}

/** Nanoseconds per lookup, the best of five rounds. */
function time(get: (key: string) => unknown, keys: readonly string[], found: boolean): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 5; round += 1) {
    const startedAt = performance.now()
    for (const key of keys)
      if ((get(key) !== undefined) !== found) throw new Error('unexpected lookup result')
    best = Math.min(best, (performance.now() - startedAt) / keys.length)
  }
  return best * 1e6
}

// Warm-up: a service that reloads a changed table has compiled code.
const small = `${file}.small${file.endsWith('.csv') ? '.csv' : '.json'}`
writeRows(small, file.endsWith('.csv') ? 'csv' : 'json', 5_000)
await load(small)
rmSync(small)

const before = rss()
const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
await yieldToEventLoop()
const startedAt = performance.now()
const get = await load(file)
const loadMs = performance.now() - startedAt
await yieldToEventLoop()
delay.disable()
const rssMb = rss() - before
// In an order other than that of the rows, so that processor caches do not help.
const keys = Array.from({ length: 100_000 }, (_, index) => keyOf((index * 7_919) % rows))
const hitNs = time(get, keys, true)
const missNs = time(
  get,
  keys.map((key) => key.replace('tel', 'sip')),
  false,
)
process.stdout.write(JSON.stringify({ loadMs, longestMs: delay.max / 1e6, rssMb, hitNs, missNs }))
