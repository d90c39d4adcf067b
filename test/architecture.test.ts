import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

interface SourceFile {
  /** Relative to the project root: `src/ingest/ingest.ts`. */
  readonly path: string
  readonly text: string
  /** Without comments, which may mention forbidden names. */
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

/** Paths of the files that match the predicate, except the allowed ones. */
const offenders = (allowed: RegExp, breaks: (file: SourceFile) => boolean): string[] =>
  files.filter((file) => !allowed.test(file.path) && breaks(file)).map(({ path }) => path)

test('the rules below check existing files', () => {
  assert.ok(files.length > 60)
  assert.ok(files.some(({ imports }) => imports.includes('axios')))
  assert.ok(files.some(({ imports }) => imports.includes('src/inbox/inbox.ts')))
})

test('each external library is used in one place', () => {
  const only = (name: string, allowed: RegExp) =>
    assert.deepEqual(
      offenders(allowed, ({ imports }) => imports.includes(name)),
      [],
      name,
    )
  only('axios', /^src\/http\/client\.ts$/)
  only('bottleneck', /^src\/deliver\/limiter\.ts$/)
  only('better-sqlite3', /^src\/inbox\/sqlite\//)
  only('pg', /^src\/inbox\/postgres\/open-connection\.ts$/)
  only('@marcbachmann/cel-js', /^src\/cel\/expressions\.ts$/)
  only('yaml', /^src\/(rules\/file\/|lookups\/read-yaml\.ts)/)
  only('csv-parse', /^src\/lookups\//)
  only('re2js', /^src\/cel\/functions\//)
  only('libphonenumber-js/min', /^src\/cel\/functions\//)
  only('luxon', /^src\/(values\/normal-forms\.ts|cel\/functions\/)/)
  only('pino', /^src\/log\/logger\.ts$/)
  only('prom-client', /^src\/metrics\//)
  only('commander', /^src\/cli\//)
  only('cli-progress', /^src\/cli\/progress\.ts$/)
  only('jose', /^src\/ingest\/authenticate\/(jwt|issuer-keys)\.ts$/)
  only('@fastify/swagger', /^src\/http\/openapi\.ts$/)
  only('@fastify/swagger-ui', /^src\/http\/openapi\.ts$/)
  only('ws', /^src\/(notifications\/socket|simulator\/notification-sockets)\.ts$/)
})

test('the start does not load axios, nor node:http by import, which loads the fetch of Node.js', () => {
  const loads = /^import (?!type\b)[^'"]*['"](?:axios|node:http)['"]/m
  assert.deepEqual(
    offenders(/^src\/simulator\//, ({ code }) => loads.test(code)),
    [],
  )
  assert.match("import { type Server, STATUS_CODES } from 'node:http'", loads)
})

test('values from outside are parsed by safe-parse.ts, since zod throws for some lengths', () => {
  const own =
    /^src\/(values\/safe-parse|config\/config|genesys\/classify|lookups\/lookup-schema)\.ts$|^src\/(simulator|cli)\//
  assert.deepEqual(
    offenders(own, ({ code }) => /\w\.safeParse\(/.test(code)),
    ['src/rules/file/document.ts'], // the name of a lookup, which is a string
  )
})

test('only tracing/ imports OpenTelemetry, and start-tracing.ts loads it dynamically', () => {
  const implementation = /^src\/tracing\/(opentelemetry|exporters)\.ts$/
  assert.deepEqual(
    offenders(implementation, ({ imports }) => imports.some((name) => name.startsWith('@opentelemetry/'))),
    [],
  )
  assert.deepEqual(
    offenders(/^src\/tracing\//, ({ imports }) => imports.some((name) => implementation.test(name))),
    [],
  )
  assert.match(
    files.find(({ path }) => path === 'src/tracing/start-tracing.ts')?.code ?? '',
    /await import\('\.\/opentelemetry\.ts'\)/,
  )
})

test('open-proxy.ts loads the proxy client dynamically', () => {
  const implementation = /^src\/http\/(proxy|tunnel|no-proxy)\.ts$/
  assert.deepEqual(
    offenders(implementation, ({ imports }) => imports.some((name) => implementation.test(name))),
    ['src/http/open-proxy.ts'],
  )
  assert.match(
    files.find(({ path }) => path === 'src/http/open-proxy.ts')?.code ?? '',
    /await import\('\.\/proxy\.ts'\)/,
  )
})

test('only sqs/queue.ts imports the AWS SDK, and open-sqs.ts loads it dynamically', () => {
  const implementation = /^src\/sqs\/(?!open-sqs\.ts|status\.ts|queue-url\.ts)/
  assert.deepEqual(
    offenders(/^src\/sqs\/queue\.ts$/, ({ imports }) =>
      imports.some((name) => /^@(aws-sdk|smithy)\//.test(name)),
    ),
    [],
  )
  assert.deepEqual(
    offenders(/^src\/sqs\//, ({ imports }) => imports.some((name) => implementation.test(name))),
    [],
  )
  assert.match(
    files.find(({ path }) => path === 'src/sqs/open-sqs.ts')?.code ?? '',
    /await import\('\.\/sqs\.ts'\)/,
  )
})

test('SQL is only in the engines of the inbox, and open-inbox.ts loads them dynamically', () => {
  const sql = /\b(SELECT\s[^'"`]*\sFROM|INSERT INTO|DELETE FROM|UPDATE \w+ SET|CREATE TABLE)\b/
  assert.deepEqual(
    offenders(/^src\/inbox\/(sqlite|postgres)\//, ({ code }) => sql.test(code)),
    [],
  )
  const engine = /^src\/inbox\/(sqlite|postgres)\//
  assert.deepEqual(
    offenders(engine, ({ imports }) => imports.some((name) => engine.test(name))),
    [],
  )
  const { code = '' } = files.find(({ path }) => path === 'src/inbox/open-inbox.ts') ?? {}
  assert.match(code, /await import\('\.\/postgres\/postgres\.ts'\)/)
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

test('the commands write only through output.ts, which escapes control characters', () => {
  assert.deepEqual(
    offenders(/^src\/(main\.ts|cli\/output\.ts)/, ({ code }) => /process\.std(out|err)\.write/.test(code)),
    [],
  )
})

test('pure parts do no I/O and read no clock', () => {
  const pure =
    /^src\/(ingest\/(authenticate|carriers|envelopes)\/|ingest\/(body|classify-items|identity)\.ts|cel\/|rules\/(?!(load-rules|rules-in-force)\.ts)|rules-tooling\/|deliver\/(decide-claim|merge|retry-policy|rate-budget|window-edge|pause-gate|wake-time|watchdog)\.ts|timing\/(backoff|circuit-breaker)\.ts|genesys\/classify\.ts|notifications\/status\.ts|sqs\/(failures|queue-url|status)\.ts|values\/|event\.ts)/
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

/**
 * The folders and files of src that a folder may import, besides its own and those that every folder may import. `cli`, `embed` and
 * `service.ts` build everything and may import all.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  values: [],
  timing: [],
  config: [
    'genesys/regions.ts',
    'http/base-url.ts',
    'http/networks.ts',
    'notifications/topics.ts',
    'sqs/queue-url.ts',
    'tracing/settings.ts',
  ],
  http: ['config/version.ts', 'log/logger.ts', 'timing', 'values/safe-parse.ts'],
  inbox: [],
  tracing: ['config/version.ts', 'log/logger.ts'],
  genesys: ['http/client.ts', 'http/outgoing-proxy.ts', 'timing', 'tracing/tracer.ts', 'values'],
  cel: ['values'],
  lookups: [
    'cel/functions/lookup.ts',
    'http/address-guard.ts',
    'http/client.ts',
    'http/host.ts',
    'http/outgoing-proxy.ts',
    'timing',
    'values',
  ],
  rules: ['cel', 'genesys/participants.ts', 'inbox/inbox.ts', 'log/log.ts', 'lookups', 'values'],
  'rules-tooling': ['cel', 'genesys/participants.ts', 'lookups', 'rules', 'values'],
  ingest: [
    'http/answer-schemas.ts',
    'http/address-guard.ts',
    'http/client.ts',
    'http/outgoing-proxy.ts',
    'http/networks.ts',
    'inbox/inbox.ts',
    'inbox/store-failure.ts',
    'log/log.ts',
    'log/rare-log.ts',
    'metrics/totals.ts',
    'rules/evaluate.ts',
    'rules/mappings/map-item.ts',
    'tracing/tracer.ts',
    'values',
  ],
  deliver: [
    'genesys',
    'inbox/inbox.ts',
    'rules/decision.ts',
    'rules/evaluate.ts',
    'timing',
    'tracing/tracer.ts',
    'values/growing-cache.ts',
  ],
  notifications: [
    'genesys/notifications.ts',
    'http/outgoing-proxy.ts',
    'ingest/envelopes/topics.ts',
    'ingest/identity.ts',
    'ingest/intake.ts',
    'ingest/rejected-items.ts',
    'log/log.ts',
    'log/rare-log.ts',
    'timing',
    'values',
  ],
  sqs: [
    'http/host.ts',
    'http/networks.ts',
    'http/outgoing-proxy.ts',
    'http/proxy-error.ts',
    'inbox/store-failure.ts',
    'ingest/body.ts',
    'ingest/intake.ts',
    'ingest/rejected-items.ts',
    'log/log.ts',
    'log/rare-log.ts',
    'timing',
  ],
  log: ['cel/syntax/tokens.ts', 'rules/decision.ts', 'rules/evaluate.ts', 'rules/trace.ts'],
  metrics: [
    'cel/expression-errors.ts',
    'log/undecided-rules.ts',
    'lookups/lookup-failures.ts',
    'config/version.ts',
    'deliver/attempt.ts',
    'deliver/delivery-state.ts',
    'deliver/outcome-records.ts',
    'deliver/retry-policy.ts',
    'genesys/classify.ts',
    'http/answer-schemas.ts',
    'inbox/inbox.ts',
    'ingest/carriers/carrier.ts',
    'ingest/envelopes/odd-fields.ts',
    'ingest/pressure.ts',
    'log/logger.ts',
    'notifications/status.ts',
    'rules/rules-in-force.ts',
    'sqs/status.ts',
  ],
  health: [
    'config/version.ts',
    'deliver/delivery-state.ts',
    'http/answer-schemas.ts',
    'inbox/inbox.ts',
    'ingest/pressure.ts',
    'notifications/status.ts',
    'rules/rules-in-force.ts',
    'sqs/status.ts',
  ],
  admin: [
    'deliver/delivery-state.ts',
    'deliver/last-attempts.ts',
    'deliver/operator-pause.ts',
    'deliver/rate-budget.ts',
    'deliver/retry-policy.ts',
    'genesys/participants.ts',
    'health/health-report.ts',
    'health/health-schemas.ts',
    'http/answer-schemas.ts',
    'inbox/inbox.ts',
    'ingest',
    'log/undecided-rules.ts',
    'metrics/totals.ts',
    'rules',
    'values',
  ],
  sources: ['config/config.ts', 'notifications/open-notifications.ts', 'sqs/open-sqs.ts'],
  dashboard: ['admin', 'http/answer-schemas.ts'],
  doctor: [
    'config',
    'genesys',
    'http',
    'inbox/inbox.ts',
    'inbox/open-inbox.ts',
    'rules/load-rules.ts',
    'rules-tooling/lint/lint.ts',
  ],
  simulator: [],
}

/** Modules that every folder except the simulator may import. */
const everywhere = ['event.ts', 'errors.ts']

test('every folder but cli and embed is in the table', () => {
  const folders = new Set(
    files.map(({ path }) => path.split('/')[1] ?? '').filter((name) => !name.endsWith('.ts')),
  )
  for (const composing of ['cli', 'embed']) folders.delete(composing)
  assert.deepEqual([...folders].sort(), Object.keys(mayImport).sort())
})

test('a folder imports only the folders that the table allows', () => {
  const wrong = files.flatMap(({ path, imports }) => {
    const folder = path.split('/')[1] ?? ''
    const allowed = mayImport[folder]
    if (allowed === undefined) return []
    const all = [folder, ...allowed, ...(folder === 'simulator' ? [] : everywhere)]
    return imports
      .filter((name) => name.startsWith('src/'))
      .filter((name) => !all.some((one) => `${name}/`.startsWith(`src/${one}/`)))
      .map((name) => `${path} imports ${name}`)
  })
  assert.deepEqual(wrong, [])
})

test('there are no import cycles', () => {
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

test('files have at most 250 lines, and no folder is for leftovers', () => {
  assert.deepEqual(
    offenders(/^$/, ({ text }) => text.split('\n').length > 251),
    [],
  )
  assert.deepEqual(
    offenders(/^$/, ({ path }) => /\/(utils?|helpers?|common|misc)(\/|\.ts$)/.test(path)),
    [],
  )
})

test('the files of the dashboard are as short, and write nothing as HTML', async () => {
  const pages = names.filter((name) => /^dashboard\/page\/.*\.(js|css)$/.test(name.replaceAll('\\', '/')))
  assert.ok(pages.length > 30)
  for (const name of pages) {
    const text = await readFile(join(root, 'src', name), 'utf8')
    assert.ok(name.endsWith('.css') || text.split('\n').length <= 251, name)
    assert.doesNotMatch(
      text,
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function/,
      name,
    )
  }
})

test('no state at module level', () => {
  assert.deepEqual(
    offenders(/^$/, ({ code }) => /^(export )?(let|var) /m.test(code)),
    [],
  )
})
