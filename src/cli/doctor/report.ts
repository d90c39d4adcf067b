import { type CheckResult, checkNames } from '../../doctor/check-result.ts'
import { formatDocument } from '../format.ts'
import { escapeLines } from '../output.ts'

type Kind = CheckResult['result']

const symbols = { ok: '✓', warning: '!', failed: '✗', skipped: '-' } as const satisfies Record<Kind, string>
/** ANSI: green, yellow, red, faint. */
const styles = { ok: 32, warning: 33, failed: 31, skipped: 2 } as const satisfies Record<Kind, number>

const nameWidth = Math.max(...checkNames.map((name) => name.length))
const indent = ' '.repeat(nameWidth + 4)

export const hasFailed = (results: readonly CheckResult[]): boolean =>
  results.some(({ result }) => result === 'failed')

/**
 * `✓ login          …`, and the remedy on a line of its own, unless the previous result had the same. A terminal gets
 * coloured symbols.
 */
export function formatResult(
  { check, result, finding, remedy }: CheckResult,
  { previous, isTerminal }: { readonly previous: CheckResult | undefined; readonly isTerminal: boolean },
): string {
  const symbol = isTerminal ? `\u001b[${styles[result]}m${symbols[result]}\u001b[0m` : symbols[result]
  const text = result === 'skipped' ? `skipped: ${finding}` : finding
  const remedies = remedy === undefined || remedy === previous?.remedy ? [] : [`→ ${remedy}`]
  return `${symbol} ${check.padEnd(nameWidth)}  ${escapeLines([text, ...remedies].join(`\n${indent}`))}\n`
}

/** `12 ok, 1 warning, 1 failed, 0 skipped`. */
export function formatSummary(results: readonly CheckResult[]): string {
  const { ok, warning, failed, skipped } = countKinds(results)
  return `\n${ok} ok, ${warning} ${warning === 1 ? 'warning' : 'warnings'}, ${failed} failed, ${skipped} skipped\n`
}

/** The JSON document of `--json`. */
export const formatJson = (results: readonly CheckResult[], version: string): string =>
  formatDocument({ version, ok: !hasFailed(results), counts: countKinds(results), results })

function countKinds(results: readonly CheckResult[]): Record<Kind, number> {
  const number = (kind: Kind): number => results.filter(({ result }) => result === kind).length
  return {
    ok: number('ok'),
    warning: number('warning'),
    failed: number('failed'),
    skipped: number('skipped'),
  }
}
