import assert from 'node:assert/strict'
import { access, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { version } from '../../src/config/version.ts'
import { compileRulesText } from '../../src/rules/load-rules.ts'
import { fencesOf, readPage } from './markdown.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const inDocs = (await readdir(join(root, 'docs'), { recursive: true })).map((name) => join('docs', name))
const inRoot = await readdir(root)
const others = ['docker/README.md', 'examples/README.md', 'examples/terraform/README.md']
const paths = [...inRoot, ...inDocs, ...others].filter((name) => name.endsWith('.md'))
const pages = new Map(await Promise.all(paths.map(async (path) => [path, await readPage(path)] as const)))

const withoutFences = (page: string) => page.replaceAll(/^\s*```[\s\S]*?^\s*```$/gm, '')

/** Anchors as GitHub generates them. */
const anchorsOf = (page: string): string[] =>
  [...withoutFences(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\- ]/gu, '')
      .replaceAll(' ', '-'),
  )

test('every link of the documentation has a target', async () => {
  assert.ok(pages.size > 15)
  for (const [path, page] of pages) {
    for (const [, target = ''] of withoutFences(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue
      const [file = '', anchor] = target.split('#')
      const to = file === '' ? path : join(dirname(path), file)
      await assert.doesNotReject(access(join(root, to)), `${path}: ${target}`)
      const linked = pages.get(to)
      if (anchor !== undefined) assert.ok(linked && anchorsOf(linked).includes(anchor), `${path}: ${target}`)
    }
  }
})

test('every npm script that the documentation names exists', async () => {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  for (const [path, page] of pages) {
    // The README also names planned items.
    const documented = page.replace(/^### What this version does not do yet[\s\S]*?(?=^## )/m, '')
    for (const [, name = ''] of documented.matchAll(/npm run (?:-s )?([a-z:-]+)/g))
      assert.ok(name in scripts, `${path}: ${name}`)
  }
})

test('every source file that the documentation names exists', async () => {
  for (const [path, page] of pages) {
    for (const [, name = ''] of page.matchAll(/`((?:src|test|docs|docker|scripts|examples)\/[\w./-]*)`/g)) {
      await assert.doesNotReject(access(join(root, name)), `${path}: ${name}`)
    }
  }
})

test('CHANGELOG.md has an entry for the version of the package', () => {
  assert.match(
    pages.get('CHANGELOG.md') ?? '',
    new RegExp(`^## \\[${version}\\] - \\d{4}-\\d{2}-\\d{2}$`, 'm'),
  )
})

test('the rules of README.md are valid', () => {
  const examples = fencesOf(pages.get('README.md') ?? '').filter(({ info }) => info === 'yaml')
  assert.ok(examples.length > 0)
  for (const { text } of examples) {
    const result = compileRulesText(text, 'README.md')
    assert.equal(result.kind, 'ok', result.kind === 'invalid' ? result.problems.join('\n') : '')
  }
})
