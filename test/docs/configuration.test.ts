import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { parseEnv } from 'node:util'
import { configurationPage } from '../../scripts/configuration-docs.ts'
import { readConfig } from '../../src/config/config.ts'
import { type Variable, variables } from '../../src/config/variables.ts'
import { regions } from '../../src/genesys/regions.ts'

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8')

const catalogue = Object.entries<Variable>(variables)
const page = await read('docs/configuration.md')
const example = await read('.env.example')
/** .env.example with every setting enabled. */
const uncommented = parseEnv(example.replaceAll(/^# (?=[A-Z_]+=)/gm, ''))

test('docs/configuration.md describes every variable as the code does', () => {
  assert.equal(page, configurationPage(page), 'run: npx node scripts/configuration-docs.ts')
})

test('docs/configuration.md lists the regions', () => {
  const section = /^### Region$[\s\S]*?(?=^### )/m.exec(page)?.[0] ?? ''
  const named = [...section.matchAll(/`([a-z0-9.-]+\.[a-z]{2,})`/g)].map(([, domain]) => domain)
  assert.deepEqual(named, regions)
})

test('.env.example has every variable once, in the order of the documentation', () => {
  const named = [...example.matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name]) => name)
  assert.deepEqual(named, Object.keys(variables))
})

test('.env.example shows the real defaults', () => {
  for (const [name, variable] of catalogue) {
    if (variable.default === undefined || variable.default.includes('{')) continue
    assert.equal(uncommented[name], variable.default, name)
  }
})

test('unchanged .env.example lacks only the credentials', () => {
  const result = readConfig(parseEnv(example))
  assert.equal(result.kind, 'invalid')
  const named = result.kind === 'invalid' ? result.problems.map((problem) => problem.split(' ')[0]) : []
  assert.deepEqual(named, ['GENESYS_CLIENT_ID', 'GENESYS_CLIENT_SECRET', 'WEBHOOK_SECRETS'])
})

test('.env.example with credentials is valid, also with every setting enabled', () => {
  const filled = { GENESYS_CLIENT_ID: 'id', GENESYS_CLIENT_SECRET: 'secret', WEBHOOK_TOKENS: 'relay-token' }
  for (const lines of [parseEnv(example), uncommented]) {
    const result = readConfig({ ...lines, ...filled })
    assert.deepEqual(result.kind === 'invalid' ? result.problems : result.config.warnings, [])
  }
})

test('.env.example contains no secrets that someone could run with', () => {
  for (const [name, variable] of catalogue) if (variable.secret) assert.equal(uncommented[name], '', name)
})
