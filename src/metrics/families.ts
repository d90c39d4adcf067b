import { Counter, Gauge, type Registry } from 'prom-client'

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Metrics of one name, whose numbers are kept elsewhere and read when they are asked for. */
export interface Family {
  /** A counter only rises while the process lives. */
  readonly type: 'counter' | 'gauge'
  readonly name: string
  /** What it is, for people. */
  readonly help: string
  /** Absent: one sample without labels. */
  readonly labelNames?: readonly string[]
  /** A number for a family without labels; undefined: not known now, no sample is shown. */
  readonly read: () => number | undefined | readonly Sample[]
}

export function addFamily(registry: Registry, { type, name, help, labelNames = [], read }: Family): void {
  const settings = { name, help, labelNames, registers: [registry] }
  const clear = (metric: Counter | Gauge): void => {
    metric.reset()
    if (labelNames.length === 0) metric.remove() // a reset shows 0, which is a number nobody read
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

/** The samples of a family with one label, of counts by that label. */
export const byLabel = (label: string, counts: ReadonlyMap<string | number, number>): readonly Sample[] =>
  [...counts].map(([name, value]) => ({ labels: { [label]: String(name) }, value }))

function samplesOf(answer: ReturnType<Family['read']>): readonly Sample[] {
  if (answer === undefined) return []
  return typeof answer === 'number' ? [{ labels: {}, value: answer }] : answer
}
