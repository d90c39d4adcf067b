import { Counter, Gauge, type Registry } from 'prom-client'

/** Values in the order of the label names. */
type Sample = readonly [labels: readonly string[], value: number]

interface LabelledReading {
  readonly labelNames: readonly string[]
  readonly read: () => readonly Sample[]
}

/** Returns the current value at each scrape; undefined: currently unknown, no sample is exported. */
type Reading = (() => number | undefined) | LabelledReading

/** One metric. */
export interface Family extends LabelledReading {
  readonly type: 'counter' | 'gauge'
  readonly name: string
  readonly help: string
}

const familyOf =
  (type: Family['type']) =>
  (name: string, help: string, reading: Reading): Family => ({
    type,
    name,
    help,
    ...labelledReading(reading),
  })
export const counter = familyOf('counter')
export const gauge = familyOf('gauge')

/** Samples with one label, from counts by its values. */
export const byLabel = (
  label: string,
  read: () => Iterable<readonly [string | number, number]>,
): Reading => ({
  labelNames: [label],
  read: () => [...read()].map(([name, value]): Sample => [[String(name)], value]),
})

function labelledReading(reading: Reading): LabelledReading {
  if (typeof reading !== 'function') return reading
  const read = (): readonly Sample[] => {
    const value = reading()
    return value === undefined ? [] : [[[], value]]
  }
  return { labelNames: [], read }
}

export function addFamily(registry: Registry, { type, name, help, labelNames, read }: Family): void {
  const Metric = type === 'counter' ? Counter : Gauge
  new Metric({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset()
      if (labelNames.length === 0) this.remove() // otherwise the reset would export 0
      for (const [labels, value] of read()) this.labels(...labels).inc(value)
    },
  })
}
