import { Command } from 'commander'
import { printProblem } from '../../enrich/enrich.ts'
import { lint } from '../../enrich/lint/lint.ts'
import { fileArgument, type RulesFile, requireRules, rulesFileOr } from './rules-file.ts'
import { readTests } from './tests-files.ts'
import { count } from './words.ts'

/** `rules check`: everything that can be known of a rules file without an event. */
export const checkCommand = (): Command =>
  new Command('check')
    .description('check a rules file, its tables and tests, without starting the service')
    .addArgument(fileArgument())
    .option('--strict', 'warnings are failures: exit code 1')
    .action(async (named: string | undefined, { strict }: { strict?: true }) => {
      const rules = await requireRules(rulesFileOr(named))
      const tests = await readTests(rules)
      process.stdout.write(`${summary(rules, tests.length)}\n`)
      const warnings = lint(rules.loaded)
      if (warnings.length > 0) {
        const lines = warnings.map((warning) => `  - ${printProblem(warning, rules.text, rules.file)}\n`)
        process.stderr.write(`${count(warnings.length, 'warning')}:\n${lines.join('')}`)
        if (strict) process.exitCode = 1
      }
      rules.loaded.rules.close()
    })

function summary({ file, loaded }: RulesFile, tests: number): string {
  const { names } = loaded.rules
  const mappings = loaded.compiled.mappings.map(({ name }) => name)
  const tables = tablesInWords(loaded)
  return [
    `${file} is valid: ${count(names.length, 'rule')}${names.length === 0 ? ', so that nothing is set' : ` (${listed(names)})`}`,
    ...(mappings.length === 0 ? [] : [`${count(mappings.length, 'mapping')} (${listed(mappings)})`]),
    count(tests, 'test'),
    ...(tables.length === 0 ? [] : [`${count(tables.length, 'table')} (${tables.join(', ')})`]),
  ].join(', ')
}

/** All of them, unless nobody would read so many. */
const listed = (names: readonly string[]): string =>
  names.length > mostListed ? `${names.slice(0, mostListed).join(', ')}, …` : names.join(', ')

const mostListed = 50

const tablesInWords = ({ tables }: RulesFile['loaded']): readonly string[] =>
  [...tables].map(
    ([name, { rows }]) => `${name}: ${rows === undefined ? 'asked over HTTP' : count(rows, 'row')}`,
  )
