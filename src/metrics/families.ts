import { Counter, Gauge, type Registry } from 'prom-client'

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** One metric. `read` returns its current values at each scrape. */
export interface Family {
  readonly type: 'counter' | 'gauge'
  readonly name: string
  readonly help: string
  /** Absent: one sample without labels. */
  readonly labelNames?: readonly string[]
  /** A number for a family without labels; undefined: currently unknown, no sample is exported. */
  readonly read: () => number | undefined | readonly Sample[]
}

export function addFamily(registry: Registry, { type, name, help, labelNames = [], read }: Family): void {
  const settings = { name, help, labelNames, registers: [registry] }
  const clear = (metric: Counter | Gauge): void => {
    metric.reset()
    if (labelNames.length === 0) metric.remove() // otherwise the reset would export 0
  }
  if (type === 'counter') {
    new Counter({
      ...settings,
      collect() {
        clear(this)
        for (const { labels, value } of samplesOf(read())) this.inc(labels, value)
      },
    })
  } else {
    new Gauge({
      ...settings,
      collect() {
        clear(this)
        for (const { labels, value } of samplesOf(read())) this.set(labels, value)
      },
    })
  }
}

/** The samples of a family with one label. */
export const byLabel = (label: string, counts: ReadonlyMap<string | number, number>): readonly Sample[] =>
  [...counts].map(([name, value]) => ({ labels: { [label]: String(name) }, value }))

function samplesOf(answer: ReturnType<Family['read']>): readonly Sample[] {
  if (answer === undefined) return []
  return typeof answer === 'number' ? [{ labels: {}, value: answer }] : answer
}
