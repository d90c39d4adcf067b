import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

interface SourceFile {
  /** From the project's root: `src/ingest/ingest.ts`. */
  readonly path: string
  readonly text: string
  /** Without comments, so that an explanation of a rule does not break it. */
  readonly code: string
  readonly imports: readonly string[]
}

const resolve = (from: string, target: string): string =>
  target.startsWith('.') ? relative(root, join(root, dirname(from), target)) : target

const names = await readdir(join(root, 'src'), { recursive: true })
const files: SourceFile[] = await Promise.all(
  names
    .filter((name) => name.endsWith('.ts'))
    .map(async (name) => {
      const path = join('src', name)
      const text = await readFile(join(root, path), 'utf8')
      const code = text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
      const imports = [...code.matchAll(/^(?:import|export)\s[^'"]*?['"]([^'"]+)['"]/gm)].map(
        ([, name]) => name ?? '',
      )
      return { path, text, code, imports: imports.map((target) => resolve(path, target)) }
    }),
)

/** Paths of the files for which the predicate holds, other than the allowed ones. */
const offenders = (allowed: RegExp, breaks: (file: SourceFile) => boolean): string[] =>
  files.filter((file) => !allowed.test(file.path) && breaks(file)).map(({ path }) => path)

test('the rules below look at real files', () => {
  assert.ok(files.length > 60)
  assert.ok(files.some(({ imports }) => imports.includes('axios')))
  assert.ok(files.some(({ imports }) => imports.includes('src/inbox/inbox.ts')))
})

test('each outside thing has its one place', () => {
  const only = (name: string, allowed: RegExp) =>
    assert.deepEqual(
      offenders(allowed, ({ imports }) => imports.includes(name)),
      [],
      name,
    )
  only('axios', /^src\/http\/client\.ts$/)
  only('bottleneck', /^src\/deliver\/limiter\.ts$/)
  only('better-sqlite3', /^src\/inbox\/sqlite\//)
  only('@marcbachmann/cel-js', /^src\/enrich\/expressions\/expressions\.ts$/)
  only('yaml', /^src\/enrich\/(rules-file\/|lookups\/read-yaml\.ts)/)
  only('csv-parse', /^src\/enrich\/lookups\//)
  only('cockatiel', /^src\/enrich\/lookups\//)
  only('re2js', /^src\/enrich\/expressions\/functions\//)
  only('libphonenumber-js', /^src\/enrich\/expressions\/functions\//)
  only('luxon', /^src\/(values\/normal-forms\.ts|enrich\/expressions\/functions\/)/)
  only('pino', /^src\/operate\/logger\.ts$/)
  only('prom-client', /^src\/operate\//)
  only('commander', /^src\/cli\//)
  only('@fastify/swagger', /^src\/operate\/openapi/)
  only('@fastify/swagger-ui', /^src\/operate\/openapi\//)
  only('ws', /^src\/(notifications\/socket|simulator\/notification-sockets)\.ts$/)
})

test('only config/ reads the environment', () => {
  assert.deepEqual(
    offenders(/^src\/config\/config\.ts$/, ({ code }) => /process\.env\b/.test(code)),
    [],
  )
})

test('only main.ts and cli/ print or exit', () => {
  const prints = /process\.(stdout|stderr|exit\b|exitCode)|console\./
  assert.deepEqual(
    offenders(/^src\/(main\.ts|cli\/)/, ({ code }) => prints.test(code)),
    [],
  )
})

test('pure parts do no I/O and read no clock', () => {
  const pure =
    /^src\/(ingest\/(authenticate|envelopes)\/|ingest\/(cloudevents-http|handshake|identity|json-lines|overload|sort)\.ts|enrich\/(?!(enrich|rules-in-force)\.ts|lookups\/)|deliver\/(decide-claim|merge|split-rejected|retry-policy|rate-budget|window-edge|pause-gate|circuit-breaker|wake-time|watchdog)\.ts|timing\/backoff\.ts|genesys\/classify\.ts|notifications\/(buffer|message|status|topics)\.ts|values\/|event\.ts)/
  const impure =
    /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bsetTimeout\b|\bsetInterval\b|(await|return|=) fetch\(|performance\.now/
  const io = /^node:(fs|http|https|net|timers|child_process|dgram|dns)/
  const offending = files.filter(
    ({ path, code, imports }) =>
      pure.test(path) && (impure.test(code) || imports.some((name) => io.test(name))),
  )
  assert.deepEqual(
    offending.map(({ path }) => path),
    [],
  )
})

/** The folders and files of src that a folder may import, besides its own. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  values: [],
  timing: [],
  config: ['genesys/regions.ts', 'notifications/topics.ts', 'http/tls.ts', 'ingest/networks.ts'],
  http: ['config/version.ts', 'timing', 'errors.ts', 'operate/logger.ts'],
  inbox: ['event.ts', 'errors.ts'],
  genesys: ['http/client.ts', 'values', 'event.ts'],
  enrich: ['inbox/inbox.ts', 'genesys/participants.ts', 'http/client.ts', 'values', 'timing', 'event.ts'],
  ingest: ['enrich', 'inbox/inbox.ts', 'operate/totals.ts', 'values', 'event.ts', 'errors.ts'],
  deliver: [
    'enrich/decision.ts',
    'enrich/evaluate.ts',
    'inbox/inbox.ts',
    'genesys',
    'timing',
    'event.ts',
    'errors.ts',
  ],
  notifications: ['ingest/intake.ts', 'ingest/envelopes/topics.ts', 'genesys/notifications.ts', 'timing'],
  simulator: [],
}

test('a folder imports only the folders that the table allows', () => {
  const wrong = files.flatMap(({ path, imports }) => {
    const folder = path.split('/')[1] ?? ''
    const allowed = mayImport[folder]
    if (allowed === undefined) return []
    return imports
      .filter((name) => name.startsWith('src/'))
      .filter((name) => ![folder, ...allowed].some((one) => `${name}/`.startsWith(`src/${one}/`)))
      .map((name) => `${path} imports ${name}`)
  })
  assert.deepEqual(wrong, [])
})

test('no import goes in a circle', () => {
  const graph = new Map(
    files.map(({ path, imports }) => [path, imports.filter((name) => name.startsWith('src/'))]),
  )
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    assert.ok(!trail.includes(path), `circle: ${[...trail, path].join(' → ')}`)
    if (done.has(path)) return
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
})

test('files stay short, and no folder is a place for leftovers', () => {
  assert.deepEqual(
    offenders(/^$/, ({ text }) => text.split('\n').length > 251),
    [],
  )
  assert.deepEqual(
    offenders(/^$/, ({ path }) => /\/(utils?|helpers?|common|misc)(\/|\.ts$)/.test(path)),
    [],
  )
})

test('no state at module level', () => {
  assert.deepEqual(
    offenders(/^$/, ({ code }) => /^(export )?(let|var) /m.test(code)),
    [],
  )
})
