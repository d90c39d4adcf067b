import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Variable, variables } from '../src/config/variables.ts'

const file = fileURLToPath(new URL('../docs/configuration.md', import.meta.url))
const table =
  /(?<=<!-- variables: npx node scripts\/configuration-docs\.ts -->\n)[\s\S]*?(?=<!-- end of variables -->)/

/** docs/configuration.md with the table of variables generated from the schema. */
export function configurationPage(page: string): string {
  if (!table.test(page)) throw new Error('docs/configuration.md has no comments around its table')
  return page.replace(table, () => `\n${variablesTable()}\n\n`)
}

function variablesTable(): string {
  const rows = Object.entries<Variable>(variables).map(([name, variable]) =>
    [
      `\`${name}\``,
      defaultOf(variable),
      variable.secret === true ? 'yes' : 'no',
      variable.meaning.replaceAll('|', '\\|'),
    ].join(' | '),
  )
  const head = ['Variable | Default | Secret | Meaning', '--- | --- | --- | ---']
  return [...head, ...rows].map((row) => `| ${row} |`).join('\n')
}

function defaultOf(variable: Variable): string {
  if (variable.default !== undefined) return `\`${variable.default}\``
  return variable.schema.safeParse(undefined).success ? '–' : '**required**'
}

if (import.meta.main) writeFileSync(file, configurationPage(readFileSync(file, 'utf8')))
