import { Command } from 'commander'
import { printProblem } from '../../rules/load-rules.ts'
import { type LintFinding, lint } from '../../rules-tooling/lint/lint.ts'
import { count, formatList } from '../format.ts'
import { print, printNote } from '../output.ts'
import { fileArgument, loadRulesFile, type RulesFile, readTests, resolveRulesFile } from './rules-file.ts'

/** `rules check`: reports every mistake that needs no event to be found. */
export const checkCommand = (): Command =>
  new Command('check')
    .description('validate a rules file, its tables and its tests')
    .addArgument(fileArgument())
    .option('--strict', 'exit with code 1 on warnings too')
    .action(async (named: string | undefined, { strict }: { strict?: true }) => {
      const rules = await loadRulesFile(resolveRulesFile(named))
      const tests = await readTests(rules)
      const findings = lint(rules.loaded)
      const mistakes = findings.filter(({ severity }) => severity === 'mistake')
      const warnings = findings.filter(({ severity }) => severity === 'warning')
      print(`${summary(rules, tests.length, mistakes.length === 0)}\n`)
      printNote(formatFindings('mistake', mistakes, rules) + formatFindings('warning', warnings, rules))
      if (mistakes.length > 0 || (strict && warnings.length > 0)) process.exitCode = 1
      rules.loaded.rules.close()
    })

function formatFindings(noun: string, findings: readonly LintFinding[], { text, file }: RulesFile): string {
  if (findings.length === 0) return ''
  const problems = findings.map((finding) => printProblem(finding, text, file))
  return formatList(`${count(findings.length, noun)}:`, problems)
}

function summary({ file, loaded }: RulesFile, tests: number, isValid: boolean): string {
  const { names } = loaded.rules
  const mappings = loaded.compiled.mappings.map(({ name }) => name)
  const tables = describeTables(loaded)
  return [
    `${file} ${isValid ? 'is valid' : 'loads with mistakes'}: ${count(names.length, 'rule')}${names.length === 0 ? ' (no attribute is ever set)' : ` (${joinNames(names)})`}`,
    ...(mappings.length === 0 ? [] : [`${count(mappings.length, 'mapping')} (${joinNames(mappings)})`]),
    count(tests, 'test'),
    ...(tables.length === 0 ? [] : [`${count(tables.length, 'table')} (${tables.join(', ')})`]),
  ].join(', ')
}

const joinNames = (names: readonly string[]): string =>
  names.length > maxNames ? `${names.slice(0, maxNames).join(', ')}, …` : names.join(', ')

const maxNames = 50

const describeTables = ({ tables }: RulesFile['loaded']): readonly string[] =>
  [...tables].map(
    ([name, { rowCount }]) => `${name}: ${rowCount === undefined ? 'over HTTP' : count(rowCount, 'row')}`,
  )
