import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { readClientConfig, readConfig, readPaths } from '../../src/config/config.ts'
import { variables } from '../../src/config/variables.ts'
import { regions } from '../../src/genesys/regions.ts'
import { temporaryFolder } from '../helpers/folder.ts'

type Environment = Record<string, string | undefined>

/** The smallest valid environment. */
const least: Environment = {
  GENESYS_CLIENT_ID: 'client',
  GENESYS_CLIENT_SECRET: 'client-secret',
  WEBHOOK_TOKENS: 'relay-token',
}

function configOf(environment: Environment) {
  const result = readConfig({ ...least, ...environment })
  assert.ok(result.kind === 'ok', JSON.stringify(result))
  return result.config
}

function problemsOf(environment: Environment): readonly string[] {
  const result = readConfig({ ...least, ...environment })
  assert.ok(result.kind === 'invalid', 'was accepted')
  return result.problems
}

test('the smallest environment gives the documented defaults', () => {
  assert.deepEqual(configOf({}), {
    genesys: {
      apiUrl: 'https://api.mypurecloud.com',
      loginUrl: 'https://login.mypurecloud.com',
      clientId: 'client',
      clientSecret: 'client-secret',
      profile: 'platform',
      requestTimeoutMs: 10_000,
    },
    proxy: undefined,
    http: { host: '0.0.0.0', port: 8080, trustProxy: undefined, tls: undefined },
    webhook: {
      auth: 'required',
      secrets: [],
      tokens: ['relay-token'],
      hmacHeader: undefined,
      oidc: undefined,
      topicArns: [],
      maxFailures: 20,
      allowedNetworks: [],
      maxBodyBytes: 1_048_576,
      maxBatch: 500,
    },
    notifications: { queues: [], topics: [] },
    sqs: undefined,
    node: { role: 'all', leaseMs: 10_000 },
    rulesFile: './rules.yaml',
    inbox: {
      url: 'sqlite:./data/inbox.db',
      requireSyncStandby: false,
      maxPending: 1_000_000,
      retentionMs: 604_800_000,
    },
    delivery: {
      rateLimit: 300,
      rateWindowMs: 60_000,
      rateShare: 1,
      maxInFlight: 10,
      eventMaxAgeMs: 86_400_000,
    },
    dryRun: false,
    adminToken: undefined,
    tracing: { exporters: [], protocol: 'http/protobuf', sendTraceparent: false },
    logLevel: 'info',
    shutdownGraceMs: 25_000,
    warnings: [],
  })
})

test('setting every documented default changes nothing', () => {
  const documented = Object.fromEntries(
    Object.entries(variables).flatMap(([name, variable]) =>
      'default' in variable && !variable.default.includes('{') ? [[name, variable.default]] : [],
    ),
  )
  assert.deepEqual(configOf(documented), configOf({}))
})

test('every variable sets its field of the config', () => {
  const config = configOf({
    GENESYS_ENV: 'mypurecloud.de',
    GENESYS_API_PROFILE: 'tutorial',
    GENESYS_SEND_TRACEPARENT: 'true',
    GENESYS_PROXY_URL: 'http://ada:p%40ss@proxy.example:3128',
    NO_PROXY: 'crm.internal, 10.0.0.0/8 .example.com,',
    HOST: '127.0.0.1',
    PORT: '0',
    WEBHOOK_SECRETS: ' the-newest-secret , an-older-secret-1,, ',
    WEBHOOK_TOKENS: 'token-of-a,token-of-b',
    WEBHOOK_HMAC_HEADER: 'X-Hookdeck-Signature',
    WEBHOOK_OIDC_ISSUER: 'https://sts.windows.net/00000000-0000-4000-8000-000000000001/',
    WEBHOOK_OIDC_AUDIENCE: 'https://enricher.example.com, api://enricher',
    WEBHOOK_OIDC_SUBJECTS: 'push@project.iam.gserviceaccount.com',
    SNS_TOPIC_ARNS: 'arn:aws:sns:eu-central-1:123456789012:genesys-events',
    WEBHOOK_MAX_FAILURES: '0',
    WEBHOOK_ALLOWED_CIDRS: '192.0.2.0/24, 2001:db8::1',
    TRUST_PROXY: '10.0.0.0/8,::1',
    TLS_CERT_FILE: '/tls/tls.crt',
    TLS_KEY_FILE: '/tls/tls.key',
    TLS_CLIENT_CA_FILE: '/tls/ca.crt',
    NOTIFICATIONS_QUEUES: 'Sales, Night shift',
    NOTIFICATIONS_TOPICS: 'v2.users.u1.conversations, v2.users.U2.conversations.cobrowseSessions',
    SQS_QUEUE_URL: 'https://sqs.eu-west-2.amazonaws.com/123456789012/events',
    SQS_POLLS: '4',
    SQS_VISIBILITY_SECONDS: '300',
    RULES_FILE: '/etc/rules.yaml',
    STORE_URL: 'postgres://enricher:pw@db1,db2/inbox',
    STORE_REQUIRE_SYNC_STANDBY: 'true',
    ROLE: 'ingest',
    OWNERSHIP_LEASE_MS: '60000',
    RATE_LIMIT: '180',
    RATE_WINDOW_MS: '1000',
    RATE_SHARE: '0.25',
    MAX_IN_FLIGHT: '3',
    REQUEST_TIMEOUT_MS: '5000',
    EVENT_MAX_AGE_MS: '60000',
    INBOX_MAX_PENDING: '10',
    MAX_BODY_BYTES: '2000',
    MAX_BATCH: '20',
    RETENTION_MS: '3600000',
    DRY_RUN: 'true',
    ADMIN_TOKEN: 'admin',
    LOG_LEVEL: 'debug',
    SHUTDOWN_GRACE_MS: '0',
  })
  assert.deepEqual(config, {
    genesys: {
      apiUrl: 'https://api.mypurecloud.de',
      loginUrl: 'https://login.mypurecloud.de',
      clientId: 'client',
      clientSecret: 'client-secret',
      profile: 'tutorial',
      requestTimeoutMs: 5_000,
    },
    proxy: {
      url: 'http://ada:p%40ss@proxy.example:3128',
      noProxy: ['crm.internal', '10.0.0.0/8', '.example.com'],
    },
    http: {
      host: '127.0.0.1',
      port: 0,
      trustProxy: ['10.0.0.0/8', '::1'],
      tls: { certFile: '/tls/tls.crt', keyFile: '/tls/tls.key', clientCaFile: '/tls/ca.crt' },
    },
    webhook: {
      auth: 'required',
      secrets: ['the-newest-secret', 'an-older-secret-1'],
      tokens: ['token-of-a', 'token-of-b'],
      hmacHeader: 'X-Hookdeck-Signature',
      oidc: {
        issuer: 'https://sts.windows.net/00000000-0000-4000-8000-000000000001/',
        audiences: ['https://enricher.example.com', 'api://enricher'],
        subjects: ['push@project.iam.gserviceaccount.com'],
      },
      topicArns: ['arn:aws:sns:eu-central-1:123456789012:genesys-events'],
      maxFailures: 0,
      allowedNetworks: ['192.0.2.0/24', '2001:db8::1'],
      maxBodyBytes: 2_000,
      maxBatch: 20,
    },
    notifications: {
      queues: ['Sales', 'Night shift'],
      topics: ['v2.users.u1.conversations', 'v2.users.U2.conversations.cobrowseSessions'],
    },
    sqs: {
      queueUrl: 'https://sqs.eu-west-2.amazonaws.com/123456789012/events',
      region: 'eu-west-2',
      endpoint: undefined,
      polls: 4,
      visibilitySeconds: 300,
    },
    node: { role: 'ingest', leaseMs: 60_000 },
    rulesFile: '/etc/rules.yaml',
    inbox: {
      url: 'postgres://enricher:pw@db1,db2/inbox',
      requireSyncStandby: true,
      maxPending: 10,
      retentionMs: 3_600_000,
    },
    delivery: {
      rateLimit: 180,
      rateWindowMs: 1_000,
      rateShare: 0.25,
      maxInFlight: 3,
      eventMaxAgeMs: 60_000,
    },
    dryRun: true,
    adminToken: 'admin',
    tracing: { exporters: [], protocol: 'http/protobuf', sendTraceparent: true },
    logLevel: 'debug',
    shutdownGraceMs: 0,
    warnings: [
      'DRY_RUN=true: the service records events as unchanged and sets no attributes',
      'ROLE=ingest opens no notification websockets, which need the OAuth client: NOTIFICATIONS_* counts for the nodes that deliver',
    ],
  })
})

/** For each variable: an invalid value, and the remedy in the message. */
const mistakes: readonly (readonly [name: string, value: string, remedy: RegExp])[] = [
  ['GENESYS_ENV', 'mypurecloud.org', /use one of mypurecloud\.com, .*edee1\.eusc-pure\.cloud/],
  ['GENESYS_ENV', 'https://api.mypurecloud.com', /use one of/],
  ['GENESYS_CLIENT_ID', '', /is required: Id of an OAuth client/],
  ['GENESYS_CLIENT_SECRET', '', /is required: Secret of that OAuth client/],
  ['GENESYS_API_URL', 'api.mypurecloud.com', /must be an http:\/\/ or https:\/\/ URL/],
  ['GENESYS_API_URL', 'ftp://api.mypurecloud.com', /must be an http:\/\/ or https:\/\/ URL/],
  ['GENESYS_LOGIN_URL', 'https://login.example?x=1', /URL without user, password, query or fragment/],
  ['GENESYS_LOGIN_URL', 'https://login.example?', /without user, password, query or fragment/],
  ['GENESYS_LOGIN_URL', 'https://login.example#', /without user, password, query or fragment/],
  ['GENESYS_API_PROFILE', 'sdk', /must be one of platform, tutorial/],
  ['GENESYS_PROXY_URL', 'proxy.example:3128', /must be the http:\/\/ or https:\/\/ URL of a proxy, such as/],
  ['GENESYS_PROXY_URL', 'socks5://proxy.example:1080', /must be the http:\/\/ or https:\/\/ URL/],
  ['GENESYS_PROXY_URL', 'http://proxy.example:3128/path', /without path, query or fragment/],
  ['GENESYS_PROXY_URL', 'http://ada:100%@proxy.example:3128', /user and password percent-encoded/],
  ['GENESYS_PROXY_URL', 'http://a%3Ada:x@proxy.example:3128', /user and password percent-encoded/],
  ['PORT', '65536', /whole number from 0 to 65535/],
  ['PORT', '80a', /whole number from 0 to 65535/],
  ['PORT', '-1', /whole number from 0 to 65535/],
  ['PORT', '8080.5', /whole number from 0 to 65535/],
  ['PORT', ' ', /whole number from 0 to 65535/],
  ['WEBHOOK_SECRETS', ',', /must contain at least one value/],
  ['WEBHOOK_TOKENS', ' , ', /must contain at least one value/],
  ['WEBHOOK_HMAC_HEADER', 'X Signature', /must be the name of a header/],
  ['WEBHOOK_HMAC_HEADER', 'X-Signature:', /must be the name of a header/],
  ['WEBHOOK_HMAC_HEADER', 'Authorization', /this one has another purpose/],
  ['WEBHOOK_HMAC_HEADER', 'content-type', /this one has another purpose/],
  ['WEBHOOK_HMAC_HEADER', 'X-API-Key', /this one has another purpose/],
  ['WEBHOOK_OIDC_ISSUER', 'accounts.google.com', /must be an https:\/\/ URL/],
  ['WEBHOOK_OIDC_ISSUER', 'http://login.example.com', /must be an https:\/\/ URL/],
  ['WEBHOOK_OIDC_ISSUER', 'http://127.0.0.1.example.com', /must be an https:\/\/ URL/],
  ['WEBHOOK_OIDC_ISSUER', 'https://login.example.com?a=b', /without user, password, query or fragment/],
  ['WEBHOOK_OIDC_ISSUER', 'https://login.example.com#', /without user, password, query or fragment/],
  ['WEBHOOK_OIDC_ISSUER', 'https:login.example.com', /must be an https:\/\/ URL/],
  ['WEBHOOK_OIDC_AUDIENCE', ',', /must contain at least one value/],
  ['WEBHOOK_OIDC_SUBJECTS', ',', /must contain at least one value/],
  ['SNS_TOPIC_ARNS', 'genesys-events', /ARNs of topics, such as arn:aws:sns:/],
  ['SNS_TOPIC_ARNS', 'arn:aws:sqs:eu-central-1:123456789012:genesys-events', /ARNs of topics/],
  ['SNS_TOPIC_ARNS', 'arn:aws:sns:eu-central-1:123456789012:topic:subscription-id', /ARNs of topics/],
  ['WEBHOOK_AUTH', 'off', /must be one of required, none/],
  ['WEBHOOK_MAX_FAILURES', '-1', /whole number from 0 to 1000000/],
  ['WEBHOOK_ALLOWED_CIDRS', '10.0.0.0/33', /addresses or networks, such as 10\.0\.0\.0\/8/],
  ['WEBHOOK_ALLOWED_CIDRS', '0.0.0.0/0', /not \/0; without the variable, all addresses may post/],
  ['WEBHOOK_ALLOWED_CIDRS', 'relay.example', /addresses or networks/],
  [
    'TRUST_PROXY',
    'true',
    /the number of proxies \(1 to 32\), or a comma-separated list of their addresses or networks/,
  ],
  ['TRUST_PROXY', '0', /the number of proxies \(1 to 32\)/],
  ['TRUST_PROXY', '33', /the number of proxies \(1 to 32\)/],
  ['TRUST_PROXY', '1,10.0.0.0/8', /the number of proxies \(1 to 32\)/],
  ['TRUST_PROXY', ',', /the number of proxies \(1 to 32\)/],
  ['NOTIFICATIONS_QUEUES', ',', /must contain at least one value/],
  ['NOTIFICATIONS_TOPICS', 'v2.users.u1.presence', /must contain conversation topics/],
  ['NOTIFICATIONS_TOPICS', 'v2.users.{id}.conversations', /topics with an id/],
  ['STORE_URL', 'postgres:', /or postgres:\/\/USER:PASSWORD@HOST:PORT\/DATABASE/],
  ['STORE_REQUIRE_SYNC_STANDBY', 'yes', /must be one of true, false/],
  ['STORE_REQUIRE_SYNC_STANDBY', 'true', /needs PostgreSQL: set STORE_URL to postgres/],
  ['STORE_URL', 'sqlite:', /must be sqlite:PATH/],
  ['SQS_QUEUE_URL', 'genesys-events', /must be the URL of a queue, such as https:/],
  ['SQS_QUEUE_URL', 'http://sqs.eu-west-2.amazonaws.com/123456789012/events', /must begin with https:/],
  ['SQS_POLLS', '21', /whole number from 1 to 20/],
  ['SQS_VISIBILITY_SECONDS', '9', /whole number from 10 to 21600/],
  ['STORE_URL', './inbox.db', /must be sqlite:PATH/],
  ['STORE_URL', 'sqlite::memory:', /a file that survives a restart/],
  ['STORE_URL', 'redis://localhost:6379', /must be sqlite:PATH/],
  ['STORE_URL', 'rediss://cache.example:6380/0', /must be sqlite:PATH/],
  ['ROLE', 'worker', /must be one of all, ingest, deliver/],
  ['ROLE', 'ingest', /^ROLE=ingest needs PostgreSQL.*: set STORE_URL to postgres:.*, or use ROLE=all$/],
  ['ROLE', 'deliver', /^ROLE=deliver needs PostgreSQL/],
  ['OWNERSHIP_LEASE_MS', '499', /whole number from 500 to 600000/],
  ['RATE_LIMIT', '0', /whole number from 1 to 1000000/],
  ['RATE_WINDOW_MS', '99', /whole number from 100 to 3600000/],
  ['RATE_SHARE', '0', /above 0 and up to 1/],
  ['RATE_SHARE', '1.01', /above 0 and up to 1/],
  ['RATE_SHARE', '2', /above 0 and up to 1/],
  ['RATE_SHARE', '50%', /above 0 and up to 1/],
  ['RATE_SHARE', '-0.5', /above 0 and up to 1/],
  ['MAX_IN_FLIGHT', '201', /whole number from 1 to 200/],
  ['REQUEST_TIMEOUT_MS', '10s', /whole number from 10 to 120000/],
  ['EVENT_MAX_AGE_MS', '1e5', /whole number from 100 to/],
  ['INBOX_MAX_PENDING', '0', /whole number from 1 to/],
  ['MAX_BODY_BYTES', '1MB', /whole number from 1000 to/],
  ['MAX_BATCH', '10001', /whole number from 1 to 10000/],
  ['RETENTION_MS', '7d', /whole number from 1000 to/],
  ['GENESYS_SEND_TRACEPARENT', 'yes', /must be one of true, false/],
  ['DRY_RUN', 'yes', /must be one of true, false/],
  ['ADMIN_TOKEN', 'two words', /must not contain spaces/],
  ['LOG_LEVEL', 'verbose', /must be one of fatal, error, warn, info, debug, trace, silent/],
  ['SHUTDOWN_GRACE_MS', '-1', /whole number from 0 to/],
]

/** Variables that others need beside them. */
const needed: Readonly<Record<string, Environment>> = {
  WEBHOOK_HMAC_HEADER: { WEBHOOK_SECRETS: 'x'.repeat(16) },
  WEBHOOK_OIDC_ISSUER: { WEBHOOK_OIDC_AUDIENCE: 'a' },
  WEBHOOK_OIDC_AUDIENCE: { WEBHOOK_OIDC_ISSUER: 'https://login.example.com' },
  WEBHOOK_OIDC_SUBJECTS: { WEBHOOK_OIDC_ISSUER: 'https://login.example.com', WEBHOOK_OIDC_AUDIENCE: 'a' },
}

for (const [name, value, remedy] of mistakes) {
  test(`${name}=${value} is rejected with the variable and a remedy`, () => {
    const problems = problemsOf({ ...needed[name], [name]: value })
    assert.equal(problems.length, 1, problems.join('\n'))
    const [problem = ''] = problems
    assert.ok(problem.startsWith(name), problem)
    assert.match(problem, remedy)
    const hidden = 'secret' in variables[name as keyof typeof variables]
    assert.equal(problem.includes(value), !hidden || value.trim() === '', problem)
  })
}

test('more topics than the channels of one OAuth client can carry are rejected', () => {
  const queues = (count: number) => ({ NOTIFICATIONS_QUEUES: 'q,'.repeat(count) })
  assert.equal(configOf(queues(19_000)).notifications.queues.length, 19_000)
  assert.match(problemsOf(queues(19_001))[0] ?? '', /name 19001 topics, .* at most 19000/)
})

test('with notification subscriptions no relay credentials are required', () => {
  const { webhook } = configOf({ WEBHOOK_TOKENS: '', NOTIFICATIONS_QUEUES: 'Sales' })
  assert.deepEqual([webhook.auth, webhook.tokens, webhook.secrets], ['required', [], []])
  assert.match(
    problemsOf({ WEBHOOK_TOKENS: '' })[0] ?? '',
    /or NOTIFICATIONS_QUEUES, .* to run without a relay/,
  )
})

const queueUrl = 'https://sqs.eu-west-2.amazonaws.com/123456789012/events'
const localQueueUrl = 'http://localhost:9324/000000000000/events'

test('with a queue no relay credentials are required', () => {
  const { webhook, sqs } = configOf({ WEBHOOK_TOKENS: '', SQS_QUEUE_URL: queueUrl })
  assert.deepEqual([webhook.auth, webhook.tokens, webhook.secrets], ['required', [], []])
  assert.deepEqual([sqs?.polls, sqs?.visibilitySeconds], [2, 60])
})

const postgres = 'postgres://enricher@db.internal/enricher'

test('a node that only takes events needs no OAuth client, but credentials of relays', () => {
  const ingest = { ROLE: 'ingest', STORE_URL: postgres }
  const withoutClient = { GENESYS_CLIENT_ID: undefined, GENESYS_CLIENT_SECRET: undefined }
  const { node, genesys } = configOf({ ...ingest, ...withoutClient })
  assert.deepEqual([node.role, genesys.clientId, genesys.clientSecret], ['ingest', '', ''])
  assert.equal(
    configOf(ingest).genesys.clientId,
    'client',
    'one that is set selects the events of this client',
  )
  const [problem, ...others] = problemsOf({ ...ingest, ...withoutClient, WEBHOOK_TOKENS: undefined })
  assert.match(problem ?? '', /^WEBHOOK_SECRETS or WEBHOOK_TOKENS is required/)
  assert.deepEqual(others, [])
})

test('a node that only delivers needs no credentials of relays, but the OAuth client', () => {
  const deliver = { ROLE: 'deliver', STORE_URL: postgres, WEBHOOK_TOKENS: undefined }
  assert.equal(configOf(deliver).node.role, 'deliver')
  assert.deepEqual(configOf(deliver).warnings, [])
  const [problem, ...others] = problemsOf({ ...deliver, GENESYS_CLIENT_SECRET: undefined })
  assert.match(problem ?? '', /^GENESYS_CLIENT_SECRET is required/)
  assert.deepEqual(others, [])
})

test('a source that the role of a node does not use causes a warning', () => {
  const sqs = { SQS_QUEUE_URL: 'https://sqs.eu-west-2.amazonaws.com/123456789012/events' }
  const websocket = { NOTIFICATIONS_QUEUES: 'Sales' }
  const warningsOf = (environment: Environment) => configOf({ STORE_URL: postgres, ...environment }).warnings
  assert.match(
    warningsOf({ ROLE: 'ingest', ...websocket }).join(),
    /^ROLE=ingest opens no notification websockets/,
  )
  assert.match(warningsOf({ ROLE: 'deliver', ...sqs }).join(), /^ROLE=deliver reads no queue/)
  for (const environment of [
    { ROLE: 'ingest', ...sqs },
    { ROLE: 'deliver', ...websocket },
    { ROLE: 'all', ...sqs, ...websocket },
  ])
    assert.deepEqual(warningsOf(environment), [])
})

test('the region of the queue comes from its URL, else from AWS_REGION', () => {
  const regionOf = (more: Environment) => configOf(more).sqs?.region
  assert.equal(regionOf({ SQS_QUEUE_URL: queueUrl, AWS_REGION: 'us-east-1' }), 'eu-west-2')
  assert.equal(regionOf({ SQS_QUEUE_URL: localQueueUrl, AWS_REGION: 'us-east-1' }), 'us-east-1')
  assert.match(problemsOf({ SQS_QUEUE_URL: localQueueUrl })[0] ?? '', /^AWS_REGION is required/)
})

test('the endpoint of SQS wins over the one of all AWS services, and must be private or HTTPS', () => {
  const withEndpoints = (more: Environment) => ({ SQS_QUEUE_URL: queueUrl, ...more })
  const both = { AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1', AWS_ENDPOINT_URL: 'http://127.0.0.1:2' }
  assert.equal(configOf(withEndpoints(both)).sqs?.endpoint, 'http://127.0.0.1:1')
  const general = { AWS_ENDPOINT_URL_SQS: '', AWS_ENDPOINT_URL: 'https://vpce.example.com' }
  assert.equal(configOf(withEndpoints(general)).sqs?.endpoint, 'https://vpce.example.com')
  for (const endpoint of ['http://sqs.example.com', 'sqs.example.com'])
    assert.match(
      problemsOf(withEndpoints({ AWS_ENDPOINT_URL_SQS: endpoint }))[0] ?? '',
      /^AWS_ENDPOINT_URL_SQS must be an https/,
    )
})

test('variables that only the AWS SDK reads must be in the environment of the process', () => {
  const unseen = { AWS_ACCESS_KEY_ID: 'hush-of-another-environment' }
  const [problem = ''] = problemsOf({ SQS_QUEUE_URL: queueUrl, ...unseen })
  assert.match(problem, /^AWS_ACCESS_KEY_ID differs in the environment of the process: set it there/)
  assert.doesNotMatch(problem, /hush/)
  assert.equal(configOf(unseen).sqs, undefined, 'without a queue they do not matter')
})

test('the table above has every variable that can be invalid', () => {
  const freeText = ['NO_PROXY', 'HOST', 'RULES_FILE', 'TLS_CERT_FILE', 'TLS_KEY_FILE', 'TLS_CLIENT_CA_FILE']
  const covered = new Set([...mistakes.map(([name]) => name), ...freeText])
  assert.deepEqual(
    Object.keys(variables).filter((name) => !covered.has(name)),
    [],
  )
})

test('all problems are reported together', () => {
  const problems = problemsOf({
    ...Object.fromEntries(mistakes.map(([name, value]) => [name, value])),
    GENESYS_LOGIN_URL: undefined, // with both URLs the region would not matter
    ADMIN_TOKEN_FILE: '/no/such/file',
    ADMIN_TOKEN: undefined,
  })
  const names = new Set(mistakes.map(([name]) => name).filter((name) => name !== 'GENESYS_LOGIN_URL'))
  for (const name of names)
    assert.ok(
      problems.some((problem) => problem.startsWith(name)),
      name,
    )
})

test('an empty environment reports exactly the required variables', () => {
  const result = readConfig({})
  assert.ok(result.kind === 'invalid')
  assert.deepEqual(
    result.problems.map((problem) => problem.split(' ')[0]),
    ['GENESYS_CLIENT_ID', 'GENESYS_CLIENT_SECRET', 'WEBHOOK_SECRETS'],
  )
  assert.match(result.problems[2] ?? '', /WEBHOOK_TOKENS is required.*WEBHOOK_AUTH=none/)
})

test('problems and warnings never contain a secret', async (t) => {
  const folder = await temporaryFolder(t)
  const file = join(folder, 'secret')
  await writeFile(file, 'hush in the file')
  const hush: Environment = {
    GENESYS_CLIENT_SECRET: 'hush-1',
    GENESYS_CLIENT_SECRET_FILE: file,
    WEBHOOK_SECRETS: 'whsec_hush!',
    WEBHOOK_TOKENS: 'hush-2',
    WEBHOOK_TOKENS_FILE: file,
    ADMIN_TOKEN_FILE: file,
    PORT: 'x',
    WEBHOOK_AUTH: 'x',
    RATE_LIMITS: 'hush-3',
  }
  const problems = problemsOf(hush)
  assert.equal(problems.length, 8, problems.join('\n')) // with the unknown name, which may be the mistake
  assert.doesNotMatch(problems.join('\n'), /hush/)
  const { warnings } = configOf({ WEBHOOK_AUTH: 'none', WEBHOOK_TOKENS: 'hush-hush', GENESYS_SECRET: 'hush' })
  assert.equal(warnings.length, 2)
  assert.doesNotMatch(warnings.join('\n'), /hush/)
})

test('an empty value counts as unset', () => {
  const empty = Object.fromEntries(Object.keys(variables).map((name) => [name, '']))
  assert.deepEqual(configOf({ ...empty, ...least }), configOf({}))
  assert.deepEqual(configOf({ ADMIN_TOKEN_FILE: '', GENESYS_CLIENT_SECRET_FILE: '' }), configOf({}))
})

test('webhook authentication needs secrets or tokens, unless WEBHOOK_AUTH is none', () => {
  assert.match(problemsOf({ WEBHOOK_TOKENS: undefined }).join(), /^WEBHOOK_SECRETS or WEBHOOK_TOKENS/)
  assert.deepEqual(configOf({ WEBHOOK_TOKENS: undefined, WEBHOOK_SECRETS: 'x'.repeat(16) }).webhook.secrets, [
    'x'.repeat(16),
  ])
  const open = configOf({ WEBHOOK_TOKENS: undefined, WEBHOOK_AUTH: 'none' })
  assert.equal(open.webhook.auth, 'none')
  assert.deepEqual(open.warnings, ['WEBHOOK_AUTH=none: anyone who reaches this port can post events'])
})

test('a token issuer or a topic of SNS is enough to authenticate a relay', () => {
  const alone = { WEBHOOK_TOKENS: undefined }
  const oidc = { WEBHOOK_OIDC_ISSUER: 'https://login.example.com', WEBHOOK_OIDC_AUDIENCE: 'a' }
  assert.deepEqual(configOf({ ...alone, ...oidc }).webhook.oidc, {
    issuer: 'https://login.example.com',
    audiences: ['a'],
    subjects: [],
  })
  const topic = { SNS_TOPIC_ARNS: 'arn:aws-cn:sns:cn-north-1:123456789012:events.fifo' }
  assert.equal(configOf({ ...alone, ...topic }).webhook.topicArns.length, 1)
  assert.match(problemsOf(alone).join(), /WEBHOOK_OIDC_ISSUER or SNS_TOPIC_ARNS/)
})

test('a setting that needs another one names it', () => {
  const issuer = { WEBHOOK_OIDC_ISSUER: 'https://login.example.com' }
  const audience = { WEBHOOK_OIDC_AUDIENCE: 'a' }
  assert.match(problemsOf(issuer).join('\n'), /^WEBHOOK_OIDC_AUDIENCE is required with WEBHOOK_OIDC_ISSUER/)
  assert.match(problemsOf(audience).join('\n'), /^WEBHOOK_OIDC_ISSUER is required with WEBHOOK_OIDC_AUDIENCE/)
  const subjects = { WEBHOOK_OIDC_SUBJECTS: 's' }
  assert.match(problemsOf(subjects).join('\n'), /^WEBHOOK_OIDC_ISSUER is required with WEBHOOK_OIDC_SUBJECTS/)
  assert.match(
    problemsOf({ WEBHOOK_HMAC_HEADER: 'X-S' }).join('\n'),
    /^WEBHOOK_HMAC_HEADER needs WEBHOOK_SECRETS/,
  )
})

test('Google as issuer without subjects is accepted with a warning', () => {
  const google = { WEBHOOK_OIDC_ISSUER: 'https://accounts.google.com', WEBHOOK_OIDC_AUDIENCE: 'a' }
  assert.match(
    configOf(google).warnings.join('\n'),
    /^WEBHOOK_OIDC_SUBJECTS is not set: anyone with a Google/,
  )
  assert.deepEqual(configOf({ ...google, WEBHOOK_OIDC_SUBJECTS: 's' }).warnings, [])
})

for (const issuer of [
  'https://accounts.google.com',
  'https://login.microsoftonline.com/00000000-0000-4000-8000-000000000001/v2.0',
  'https://sts.windows.net/00000000-0000-4000-8000-000000000001/',
  'http://localhost:8081/realms/genesys',
  'http://127.0.0.1:8081',
  'http://[::1]:8081',
]) {
  test(`the issuer ${issuer} is accepted and kept as it is`, () => {
    const { webhook } = configOf({ WEBHOOK_OIDC_ISSUER: issuer, WEBHOOK_OIDC_AUDIENCE: 'a' })
    assert.equal(webhook.oidc?.issuer, issuer)
  })
}

for (const region of regions) {
  test(`${region} is a region`, () => {
    const { genesys } = configOf({ GENESYS_ENV: region })
    assert.equal(genesys.apiUrl, `https://api.${region}`)
    assert.equal(genesys.loginUrl, `https://login.${region}`)
  })
}

test('an unknown region is accepted only with both URLs', () => {
  const own = { GENESYS_ENV: 'genesys.test' }
  const api = { GENESYS_API_URL: 'http://localhost:9090' }
  const login = { GENESYS_LOGIN_URL: 'http://localhost:9090/login/' }
  assert.match(problemsOf({ ...own, ...api }).join(), /is an unknown region/)
  assert.match(problemsOf({ ...own, ...login }).join(), /set both GENESYS_API_URL and GENESYS_LOGIN_URL/)
  const { genesys } = configOf({ ...own, ...api, ...login })
  assert.equal(genesys.apiUrl, 'http://localhost:9090')
  assert.equal(genesys.loginUrl, 'http://localhost:9090/login', 'without the slash at the end')
})

test('one URL replaces only its own host', () => {
  const { genesys } = configOf({ GENESYS_API_URL: 'https://proxy.example/genesys//' })
  assert.equal(genesys.apiUrl, 'https://proxy.example/genesys')
  assert.equal(genesys.loginUrl, 'https://login.mypurecloud.com')
})

for (const [text, share] of [
  ['1', 1],
  ['1.0', 1],
  ['0.5', 0.5],
  ['.5', 0.5],
] as const) {
  test(`RATE_SHARE accepts ${text}`, () => {
    assert.equal(configOf({ RATE_SHARE: text }).delivery.rateShare, share)
  })
}

const secretNames = Object.entries(variables)
  .filter(([, variable]) => 'secret' in variable)
  .map(([name]) => name)

test('the set of secret variables is complete', () => {
  assert.deepEqual(secretNames, [
    'GENESYS_CLIENT_SECRET',
    'GENESYS_PROXY_URL',
    'WEBHOOK_SECRETS',
    'WEBHOOK_TOKENS',
    'ADMIN_TOKEN',
  ])
})

/** Valid for every secret variable. */
const secret = 'http://ada:secret@proxy.example:3128'

for (const name of secretNames) {
  test(`${name}_FILE names a file with the value of ${name}; a trailing newline is removed`, async (t) => {
    const file = join(await temporaryFolder(t), 'secret')
    await writeFile(file, `${secret}\r\n\n`)
    const inVariable = configOf({ [name]: secret })
    assert.deepEqual(configOf({ [name]: undefined, [`${name}_FILE`]: file }), inVariable)
  })

  test(`${name} and ${name}_FILE together are rejected`, async (t) => {
    const file = join(await temporaryFolder(t), 'secret')
    await writeFile(file, secret)
    assert.deepEqual(problemsOf({ [name]: secret, [`${name}_FILE`]: file }), [
      `${name} and ${name}_FILE are both set: keep one of them`,
    ])
  })

  test(`an unreadable ${name}_FILE is one problem with the path and the cause`, async (t) => {
    const folder = await temporaryFolder(t)
    await mkdir(join(folder, 'folder'))
    for (const [file, code] of [
      [join(folder, 'missing'), 'ENOENT'],
      [join(folder, 'folder'), 'EISDIR'],
    ] as const) {
      assert.deepEqual(problemsOf({ [name]: undefined, [`${name}_FILE`]: file }), [
        `${name}_FILE: cannot read ${file} (${code}): check the path and its permissions`,
      ])
    }
  })

  // An empty file used to give an empty secret: the service started, and Genesys Cloud rejected every token request.
  test(`regression: an empty ${name}_FILE is one problem, not an empty secret`, async (t) => {
    const file = join(await temporaryFolder(t), 'secret')
    await writeFile(file, '\n')
    assert.deepEqual(problemsOf({ [name]: undefined, [`${name}_FILE`]: file }), [
      `${name}_FILE: ${file} is empty: write the secret into it`,
    ])
  })
}

// A mistyped `whsec_` secret used to give an empty HMAC key, so anybody could sign.
for (const secret of [
  'whsec_',
  'whsec_===',
  'whsec_not base64',
  'whsec_bm90!',
  'a-good-long-secret,whsec_',
]) {
  test(`regression: ${secret} is not a signing secret`, () => {
    assert.match(
      problemsOf({ WEBHOOK_SECRETS: secret }).join(),
      /^WEBHOOK_SECRETS has unusable entries: entry \d/,
    )
  })
}

// `v1` used to be accepted as a secret, so anybody could sign with these two letters.
test('regression: a pasted "v1," before a whsec_ secret is rejected with its own message', () => {
  const pasted = problemsOf({ WEBHOOK_SECRETS: 'v1,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' })
  assert.match(
    pasted.join(),
    /^WEBHOOK_SECRETS has unusable entries: entry 1 is the prefix "v1," of a whsec_ secret: remove it/,
  )
})

test('short secrets and tokens are rejected by position without their value', () => {
  const problems = problemsOf({
    WEBHOOK_SECRETS: 'long-enough-to-be-safe,hush,whsec_aHVzaA==',
    WEBHOOK_TOKENS: 'hush-1,hush-hush',
  })
  assert.equal(problems.length, 2)
  assert.match(
    problems[0] ?? '',
    /entry 2 has 4 characters, but needs at least 16: .*openssl.*; entry 3 has 8 /,
  )
  assert.match(
    problems[1] ?? '',
    /^WEBHOOK_TOKENS has unusable entries: entry 1 has 6 characters, but needs at least 8/,
  )
  assert.doesNotMatch(problems.join('\n'), /hush|aHVz/)
})

for (const [name, value, warning] of [
  ['WEBHOOK_SECRETS', '"in-quotation-marks"', 'WEBHOOK_SECRETS entry 1 begins or ends with a quotation mark'],
  ['WEBHOOK_TOKENS', "relay-token,'relay-token'", 'WEBHOOK_TOKENS entry 2 begins or ends with a quotation'],
  ['WEBHOOK_SECRETS', '<your signing secret>', 'WEBHOOK_SECRETS entry 1 looks like a placeholder'],
  ['WEBHOOK_TOKENS', '<relay token>', 'WEBHOOK_TOKENS entry 1 looks like a placeholder'],
  ['WEBHOOK_TOKENS', 'changeme', 'WEBHOOK_TOKENS entry 1 looks like a placeholder'],
  ['ADMIN_TOKEN', 'replace-me', 'ADMIN_TOKEN looks like a placeholder'],
] as const) {
  test(`${name}=${value} is accepted with a warning that does not contain the value`, () => {
    const { warnings } = configOf({ [name]: value })
    assert.equal(warnings.length, 1)
    assert.ok(warnings[0]?.startsWith(warning), warnings[0])
    assert.ok(!warnings[0]?.includes(value))
  })
}

for (const [given, apiUrl] of [
  ['https:api.example', 'https://api.example'],
  [' https://api.example ', 'https://api.example'],
  ['HTTPS://API.example:443/', 'https://api.example'],
  ['http://localhost:9090/prefix//', 'http://localhost:9090/prefix'],
] as const) {
  test(`regression: GENESYS_API_URL=${JSON.stringify(given)} was used as it was written`, () => {
    assert.equal(configOf({ GENESYS_API_URL: given, GENESYS_LOGIN_URL: given }).genesys.apiUrl, apiUrl)
  })
}

for (const url of ['https:user:hush@api.example', 'https://user:hu/sh@api.example']) {
  test(`regression: the problem of ${url} showed the password`, () => {
    const problems = problemsOf({ GENESYS_API_URL: url }).join('\n')
    assert.match(problems, /GENESYS_API_URL must be .*, but is "https:\/\/\*\*\*@api\.example"/)
    assert.doesNotMatch(problems, /hu\/?sh/)
  })
}

test('regression: the length of a token was counted without its prefix whsec_', () => {
  assert.deepEqual(configOf({ WEBHOOK_TOKENS: 'whsec_ab' }).webhook.tokens, ['whsec_ab'])
})

test('signing secrets are accepted in both forms', () => {
  const secrets = [
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'whsec_bm90LXNvLXNob3J0',
    'sixteen letters!',
    '!"§$%&/()=?`*+#-_.:;',
  ]
  assert.deepEqual(configOf({ WEBHOOK_SECRETS: secrets.join(',') }).webhook.secrets, secrets)
})

for (const name of [
  'GENESYS_SECRET',
  'GENESYS_REGION',
  'WEBHOOK_TOKEN',
  'RATE_LIMITS',
  'INBOX_MAX',
  'GENESYS_FOO_FILE',
]) {
  test(`${name}, an unknown name with a prefix of ours, causes a warning`, () => {
    assert.deepEqual(configOf({ [name]: 'x' }).warnings, [`${name} is not a setting and has no effect`])
  })
}

// GENESYS_ENV_FILE used to cause no warning, although only secrets are read from files.
test('regression: X_FILE of a variable that is not secret causes a warning', () => {
  assert.deepEqual(configOf({ GENESYS_ENV_FILE: '/x' }).warnings, [
    'GENESYS_ENV_FILE is not a setting and has no effect',
  ])
})

test('unrelated variables cause no warning', () => {
  assert.deepEqual(configOf({ PATH: '/bin', NODE_ENV: 'production', HOSTNAME: 'x' }).warnings, [])
})

test('readConfig reads the process environment by default', () => {
  const before = process.env.PORT
  process.env.PORT = 'not a port'
  try {
    const result = readConfig()
    assert.ok(result.kind === 'invalid')
    assert.ok(result.problems.some((problem) => problem.startsWith('PORT must be')))
  } finally {
    if (before === undefined) delete process.env.PORT
    else process.env.PORT = before
  }
})

test('regression: a problem with a URL contained its password', () => {
  const problems = problemsOf({
    GENESYS_API_URL: 'https://user:hush@proxy',
    STORE_URL: 'redis://user:hush@host/db',
  })
  assert.equal(problems.length, 2)
  assert.doesNotMatch(problems.join(), /hush/)
})

test('the URL of the inbox can come from a file', async (t) => {
  const file = join(await temporaryFolder(t), 'store-url')
  await writeFile(file, 'postgres://user:hush@host/db\n')
  assert.equal(configOf({ STORE_URL_FILE: file }).inbox.url, 'postgres://user:hush@host/db')
  assert.deepEqual(configOf({ STORE_URL_FILE: file }).warnings, [])
  assert.equal(readPaths({ STORE_URL_FILE: file }).store, 'postgres://user:hush@host/db')
})

test('a number of proxies is accepted with a warning', () => {
  const { http, warnings } = configOf({ TRUST_PROXY: ' 2 ' })
  assert.equal(http.trustProxy, 2)
  assert.match(warnings.join(), /TRUST_PROXY is a number: a client that bypasses the proxies/)
  assert.deepEqual(configOf({ TRUST_PROXY: '10.0.0.1' }).warnings, [])
})

test('TLS needs certificate and key together, and client certificates need TLS', () => {
  const together = /^TLS_CERT_FILE and TLS_KEY_FILE need each other/
  assert.match(problemsOf({ TLS_CERT_FILE: 'tls.crt' }).join('\n'), together)
  assert.match(problemsOf({ TLS_KEY_FILE: 'tls.key', TLS_CLIENT_CA_FILE: 'ca.crt' }).join('\n'), together)
  assert.match(
    problemsOf({ TLS_CLIENT_CA_FILE: 'ca.crt' }).join('\n'),
    /^TLS_CLIENT_CA_FILE needs TLS_CERT_FILE/,
  )
  const { http } = configOf({ TLS_CERT_FILE: 'tls.crt', TLS_KEY_FILE: 'tls.key' })
  assert.deepEqual(http.tls, { certFile: 'tls.crt', keyFile: 'tls.key', clientCaFile: undefined })
})

test('commands that call Genesys Cloud read only the variables of its client', () => {
  const client = {
    GENESYS_CLIENT_ID: 'id',
    GENESYS_CLIENT_SECRET: 'client-secret',
    GENESYS_ENV: 'mypurecloud.ie',
  }
  const result = readClientConfig({ ...client, PORT: 'none', WEBHOOK_TOKENS: 'x', RATE_LIMIT: '180' })
  assert.ok(result.kind === 'ok', JSON.stringify(result))
  const { genesys } = configOf(client)
  assert.deepEqual(result.config, {
    genesys: { ...genesys, apiUrl: 'https://api.mypurecloud.ie' },
    proxy: undefined,
    rate: { rateLimit: 180, rateWindowMs: 60_000 },
    warnings: [],
  })
})

test('all problems of the client variables are returned together, with misspelt names', () => {
  const result = readClientConfig({
    GENESYS_ENV: 'example.com',
    GENESYS_API_PROFILE: 'x',
    GENESYS_SECRET: 'x',
  })
  assert.ok(result.kind === 'invalid')
  assert.deepEqual(
    result.problems.map((problem) => problem.split(' ')[0]),
    ['GENESYS_CLIENT_ID', 'GENESYS_CLIENT_SECRET', 'GENESYS_API_PROFILE', 'GENESYS_ENV', 'GENESYS_SECRET'],
  )
})
