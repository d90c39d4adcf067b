export interface ExposedSample {
  /** With the suffix `_bucket`, `_sum` or `_count`, if any. */
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface ExposedFamily {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: readonly ExposedSample[]
}

/** Parses the Prometheus text format as this service writes it. Throws on invalid lines. */
export function readExposition(text: string): ExposedFamily[] {
  const families: (ExposedFamily & { samples: ExposedSample[] })[] = []
  let help = ''
  for (const line of text.split('\n')) {
    const heading = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line)
    if (heading?.[1] === 'HELP') help = heading[3] ?? ''
    else if (heading !== null)
      families.push({ name: heading[2] ?? '', type: heading[3] ?? '', help, samples: [] })
    else if (line !== '' && line !== '# EOF') families.at(-1)?.samples.push(readSample(line))
  }
  return families
}

function readSample(line: string): ExposedSample {
  const [, name, labels = '', value] = /^([a-z_0-9]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
  if (name === undefined) throw new Error(`invalid sample: ${line}`)
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)]
  return {
    name,
    labels: Object.fromEntries(pairs.map(([, label = '', text = '']) => [label, text])),
    value: Number(value?.replace('+Inf', 'Infinity')),
  }
}

/** Sample values by label values, such as `dead,expired`; `''` for a sample without labels. */
export const valuesOf = (text: string, name: string): Record<string, number> =>
  Object.fromEntries(
    readExposition(text)
      .flatMap(({ samples }) => samples)
      .filter((sample) => sample.name === name)
      .map(({ labels, value }) => [Object.values(labels).join(','), value]),
  )
