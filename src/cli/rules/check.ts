import { Command } from 'commander'
import { printProblem } from '../../enrich/enrich.ts'
import { type LintFinding, lint } from '../../enrich/lint/lint.ts'
import { fileArgument, type RulesFile, requireRules, rulesFileOr } from './rules-file.ts'
import { readTests } from './tests-files.ts'
import { count } from './words.ts'

/** `rules check`: everything that can be known of a rules file without an event. */
export const checkCommand = (): Command =>
  new Command('check')
    .description('check a rules file, its tables and tests, without starting the service')
    .addArgument(fileArgument())
    .option('--strict', 'warnings are failures too: exit code 1')
    .action(async (named: string | undefined, { strict }: { strict?: true }) => {
      const rules = await requireRules(rulesFileOr(named))
      const tests = await readTests(rules)
      const findings = lint(rules.loaded)
      const mistakes = findings.filter(({ severity }) => severity === 'mistake')
      const warnings = findings.filter(({ severity }) => severity === 'warning')
      process.stdout.write(`${summary(rules, tests.length, mistakes.length === 0)}\n`)
      process.stderr.write(listed('mistake', mistakes, rules) + listed('warning', warnings, rules))
      if (mistakes.length > 0 || (strict && warnings.length > 0)) process.exitCode = 1
      rules.loaded.rules.close()
    })

function listed(noun: string, findings: readonly LintFinding[], { text, file }: RulesFile): string {
  if (findings.length === 0) return ''
  const lines = findings.map((finding) => `  - ${printProblem(finding, text, file)}\n`)
  return `${count(findings.length, noun)}:\n${lines.join('')}`
}

function summary({ file, loaded }: RulesFile, tests: number, isValid: boolean): string {
  const { names } = loaded.rules
  const mappings = loaded.compiled.mappings.map(({ name }) => name)
  const tables = tablesInWords(loaded)
  return [
    `${file} ${isValid ? 'is valid' : 'loads'}: ${count(names.length, 'rule')}${names.length === 0 ? ', so that nothing is set' : ` (${enumerated(names)})`}`,
    ...(mappings.length === 0 ? [] : [`${count(mappings.length, 'mapping')} (${enumerated(mappings)})`]),
    count(tests, 'test'),
    ...(tables.length === 0 ? [] : [`${count(tables.length, 'table')} (${tables.join(', ')})`]),
  ].join(', ')
}

/** All of them, unless nobody would read so many. */
const enumerated = (names: readonly string[]): string =>
  names.length > mostListed ? `${names.slice(0, mostListed).join(', ')}, …` : names.join(', ')

const mostListed = 50

const tablesInWords = ({ tables }: RulesFile['loaded']): readonly string[] =>
  [...tables].map(
    ([name, { rows }]) => `${name}: ${rows === undefined ? 'asked over HTTP' : count(rows, 'row')}`,
  )
