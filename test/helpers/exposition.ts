export interface ExposedSample {
  /** With the suffix, where there is one: `_bucket`, `_sum`, `_count`. */
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

/** Reads the Prometheus text format, as this service writes it; what is no line of it fails. */
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
  if (name === undefined) throw new Error(`no sample: ${line}`)
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)]
  return {
    name,
    labels: Object.fromEntries(pairs.map(([, label = '', text = '']) => [label, text])),
    value: Number(value?.replace('+Inf', 'Infinity')),
  }
}

/** The values of the samples with that name, by the values of their labels: `dead,expired`; `''` without labels. */
export const valuesOf = (text: string, name: string): Record<string, number> =>
  Object.fromEntries(
    readExposition(text)
      .flatMap(({ samples }) => samples)
      .filter((sample) => sample.name === name)
      .map(({ labels, value }) => [Object.values(labels).join(','), value]),
  )
