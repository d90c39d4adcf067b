/** A label matcher such as `state="open"`. */
export interface Matcher {
  readonly label: string
  readonly operator: string
  readonly value: string
}

export interface Selector {
  readonly metric: string
  readonly matchers: readonly Matcher[]
}

export interface ParsedExpression {
  readonly selectors: readonly Selector[]
  /** Labels in `by (…)`, `on (…)` and `group_left (…)`. */
  readonly groupLabels: readonly string[]
}

const keywords: ReadonlySet<string> = new Set(['and', 'or', 'unless', 'offset', 'bool'])

/**
 * The metrics and labels of a PromQL expression. It reads the part of the language that the alerts and the dashboard use:
 * no selector without a metric name, no `}` in the value of a matcher, and no subqueries.
 */
export function parsePromql(expression: string): ParsedExpression {
  const selectors: Selector[] = []
  const groupLabels: string[] = []
  const rest = expression
    .replaceAll(/([a-zA-Z_:][\w:]*)\{([^}]*)\}/g, (_, metric: string, matchers: string) => {
      selectors.push({ metric, matchers: matchersOf(matchers) })
      return ' '
    })
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g, (_, labels: string) => {
      groupLabels.push(...labels.split(',').map((label) => label.trim()))
      return ' '
    })
    .replaceAll(/\[[^\]]*\]|\boffset\s+\w+/g, ' ')
  for (const [name] of rest.matchAll(/(?<![\w.])[a-zA-Z_:][\w:]*\b(?!\s*\()/g))
    if (!keywords.has(name)) selectors.push({ metric: name, matchers: [] })
  return { selectors, groupLabels }
}

const matchersOf = (text: string): readonly Matcher[] =>
  [...text.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"/g)].map(
    ([, label = '', operator = '', value = '']) => ({ label, operator, value }),
  )
