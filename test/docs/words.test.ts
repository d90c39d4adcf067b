import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Words that were used before the glossary, with what to write instead. */
const retired: readonly (readonly [RegExp, string])[] = [
  [/\bdoors?\b/i, 'ingest, or webhook'],
  [/\bin vain\b/i, 'failed'],
  [/\banew\b/i, 'again, or new'],
  [/\bwhat is no\b/i, 'a value that is not a …'],
  [/\bwhoever\b/i, 'name the actor'],
  [/\b(is|are) heard\b/i, 'is received, or is subscribed'],
  [/\b(is|are|be) told\b/i, 'is reported, printed or logged'],
  [/\bmend(s|ed|ing)?\b/i, 'fix'],
  [/\bto be had\b|\bcan be had\b/i, 'is available'],
  [/\bknock(s|ed)?\b/i, 'connect, or send a request'],
  [/\bsays? nothing\b/i, 'is missing, or is silent'],
  [/\bhow it stands\b|\bwhere it stands\b/i, 'name the state'],
]

/** Where the words may not occur: the name of each test, and all of these files. */
const folders = ['src', 'docs', 'bench', 'examples']
const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md']

async function filesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(join(root, folder), { recursive: true })
  return names.filter((name) => /\.(ts|md|ya?ml)$/.test(name)).map((name) => join(folder, name))
}

const testNames = (text: string): readonly string[] =>
  [...text.matchAll(/\b(?:test|describe)\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g)].map(
    ([, , name]) => name ?? '',
  )

interface Sentence {
  readonly file: string
  readonly text: string
}

const sentences: Sentence[] = []
for (const file of [...pages, ...(await Promise.all(folders.map(filesIn))).flat()]) {
  const text = await readFile(join(root, file), 'utf8')
  for (const [index, line] of text.split('\n').entries())
    sentences.push({ file: `${file}:${index + 1}`, text: line })
}
for (const file of await filesIn('test'))
  for (const text of testNames(await readFile(join(root, file), 'utf8'))) sentences.push({ file, text })

test('there is something to look at', () => {
  assert.ok(sentences.length > 20_000, String(sentences.length))
  assert.ok(sentences.filter(({ file }) => file.endsWith('.test.ts')).length > 1_000)
})

test('no line is a mark of a merge conflict', () => {
  assert.deepEqual(
    sentences.filter(({ text }) => /^(<{7}|>{7})( |$)|^={7}$/.test(text)),
    [],
  )
})

for (const [pattern, instead] of retired) {
  test(`no sentence has ${pattern.source}: write ${instead}`, () => {
    const found = sentences.filter(({ text }) => pattern.test(text))
    assert.deepEqual(
      found.map(({ file, text }) => `${file} ${text.trim()}`),
      [],
    )
  })
}

const glossary = await readFile(join(root, 'docs/glossary.md'), 'utf8')
const terms = [...glossary.matchAll(/^\| \*\*([^*]+)\*\* \|/gm)].map(([, term = '']) => term)

test('the glossary has at most 25 terms, each in one line', () => {
  assert.ok(terms.length >= 15 && terms.length <= 25, `${terms.length} terms`)
  assert.equal(new Set(terms).size, terms.length)
})

for (const term of terms) {
  test(`the glossary's term "${term}" is used in code and documentation`, () => {
    const pattern = new RegExp(`\\b${term.replaceAll(' ', '[ -]?')}`, 'i')
    const uses = sentences.filter(({ file, text }) => !file.startsWith('docs/glossary') && pattern.test(text))
    assert.ok(uses.some(({ file }) => file.startsWith('src/')) || term === 'relay', 'in src')
    assert.ok(
      uses.some(({ file }) => file.startsWith('docs/')),
      'in docs',
    )
  })
}
