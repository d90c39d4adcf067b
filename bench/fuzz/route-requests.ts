import { adminToken } from '../../test/helpers/process.ts'
import { goodItem, mutate } from './items.ts'
import { mutateText, toJsonText } from './mutate-text.ts'
import { goodToken, type HeaderLines, json, webhook, whole } from './raw-http.ts'
import type { Generate } from './request.ts'

const admin: HeaderLines[number] = ['Authorization', `Bearer ${adminToken}`]

const paths: readonly [string, ...string[]] = [
  '/',
  '//',
  '/webhooks/genesys/',
  '/webhooks//genesys',
  '/webhooks/genesys?x=1',
  '/WEBHOOKS/GENESYS',
  '/webhooks/genesys/../../admin/status',
  '/webhooks/genesys%00',
  '/webhooks/%67enesys',
  '/%',
  '/%ff%fe',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/__proto__',
  '/constructor/prototype',
  `/${'a'.repeat(9_000)}`,
  `/${'a/'.repeat(3_000)}`,
  '/admin',
  '/admin/',
  '/admin/dead-letters/x',
  '/livez/x',
  '/metrics;x',
  '*',
  'http://evil.example/webhooks/genesys',
  'http://[::1',
  '/\u00ff\u00fe',
  '/?%E0%A4%A',
  '/#x',
  '/docs/../openapi.json',
]
const methods: readonly [string, ...string[]] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'QUERY',
  'M-SEARCH',
  'PURGE',
]

export const anyRoute: Generate = (random) => {
  const method = random.pick(methods)
  const path = random.chance(0.3) ? webhook : random.pick(paths)
  const body = method === 'POST' || random.chance(0.3) ? random.pick(['', 'x', '{"a":']) : undefined
  return {
    kind: 'methods and paths',
    pieces: [whole(method, path, random.chance(0.5) ? [goodToken, json] : [goodToken], body)],
    methods: [method],
    ends: 'kept',
    // Unknown routes and invalid bodies; 200 and 204 for OPTIONS and alternative spellings of routes; 401 and 429 for the token
    // of a relay on admin routes.
    statuses: [200, 204, 400, 404, 405, 415, ...(path.startsWith('/admin') ? [401, 429] : [])],
  }
}

const queries: readonly [string, ...string[]] = [
  '',
  '?limit=500',
  '?limit=0',
  '?limit=1e3',
  '?limit=-1',
  '?limit=NaN',
  '?limit=1&limit=2',
  '?limit[]=1',
  '?cursor=99999999999999999999999',
  '?cursor=1.5',
  '?cursor=9007199254740993',
  "?code=';--",
  '?code=__proto__',
  '?code=%00',
  '?__proto__=1',
  '?__proto__[x]=1',
  '?constructor=1',
  '?%',
  '?code=%ff',
  `?code=${'x'.repeat(8_000)}`,
  `?${'a&'.repeat(1_500)}`,
]

export const adminRead: Generate = (random) => {
  const path = random.chance(0.2) ? random.pick(['/admin/status', '/admin/rules']) : '/admin/dead-letters'
  return {
    kind: 'admin reads',
    pieces: [whole('GET', path + random.pick(queries), [admin])],
    methods: ['GET'],
    ends: 'kept',
    statuses: [200, 400],
  }
}

const otherRules =
  'version: 1\nrules:\n  - { name: tag, on: ["*"], when: \'participant.purpose == "customer"\', set: { tier: gold } }\n'

export const adminEvaluate: Generate = (random, number) => {
  const request = {
    event: mutate(goodItem(random, number), random),
    participants: [mutate({ id: 'a', purpose: 'customer' }, random)],
    ...(random.chance(0.3) && { rules: mutateText(otherRules, random).toString('utf8') }),
  }
  const text = toJsonText(random.chance(0.8) ? request : mutate(request, random), random)
  return {
    kind: 'admin evaluates',
    pieces: [
      whole(
        'POST',
        '/admin/rules/evaluate',
        [admin, json],
        random.chance(0.7) ? text : mutateText(text, random),
      ),
    ],
    methods: ['POST'],
    ends: 'kept',
    statuses: [200, 400, 422],
  }
}

export const adminRefused: Generate = (random) => ({
  kind: 'admin, bad credentials',
  pieces: [
    whole(
      'GET',
      random.pick(['/admin/status', '/admin/dead-letters?limit=500', '/admin/status?x']),
      random.pick<HeaderLines>([
        [],
        [goodToken],
        [['Authorization', `Bearer ${adminToken}x`]],
        [['Authorization', `Basic ${Buffer.from(`admin:${adminToken}`).toString('base64')}`]],
        [['X-API-Key', adminToken]],
      ]),
    ),
  ],
  methods: ['GET'],
  ends: 'kept',
  statuses: [401, 429],
})

const probes: readonly [string, ...string[]] = [
  '/livez',
  '/readyz',
  '/startupz',
  '/health',
  '/metrics',
  '/openapi.json',
  '/docs',
]

export const probe: Generate = (random) => {
  const method = random.pick(['GET', 'HEAD', 'GET', 'POST'])
  const accept = random.pick([
    '',
    '*/*',
    'application/openmetrics-text;q=NaN',
    'q='.repeat(3_000),
    `${'a/b;q=0.1,'.repeat(500)}`,
  ])
  return {
    kind: 'probes',
    pieces: [
      whole(method, random.pick(probes) + random.pick(['', '?x=%', '?__proto__=1']), [['Accept', accept]]),
    ],
    methods: [method],
    ends: 'kept',
    statuses: method === 'POST' ? [404, 405] : [200],
  }
}

export const manyHeaders: Generate = (random, number) => {
  const lines: HeaderLines = random.pick<HeaderLines>([
    Array.from({ length: 2_100 }, () => ['a', 'b'] as const),
    Array.from({ length: 400 }, (_, index) => [`x-${index}`, 'y'.repeat(10)] as const),
    [['Cookie', 'a=b; '.repeat(2_000)]],
    [
      ['__proto__', 'x'],
      ['constructor', 'y'],
      ['toString', 'z'],
    ],
    [
      ['X-Forwarded-For', '1.2.3.4, '.repeat(500)],
      ['Forwarded', 'for="[::'],
      ['X-Request-Id', '../../x'],
    ],
    [
      ['Accept-Version', '1.0'],
      ['X-HTTP-Method-Override', 'DELETE'],
      ['Upgrade', 'h2c'],
    ],
    [['Connection', 'close']],
    [['Expect', '100-continue']],
  ])
  return {
    kind: 'many headers',
    pieces: [whole('POST', webhook, [goodToken, json, ...lines], JSON.stringify(goodItem(random, number)))],
    methods: ['POST'],
    ends: 'kept',
  }
}

/** More than the 16 KiB that Node.js accepts. */
export const headersTooLarge: Generate = (random) => ({
  kind: 'headers too large',
  pieces: [
    random.pick([
      whole('GET', '/livez', [['X', 'a'.repeat(20_000)]]),
      whole('GET', `/${'a'.repeat(20_000)}`, []),
      whole(
        'POST',
        webhook,
        [goodToken, ...Array.from({ length: 3_000 }, (_, index) => [`x-${index}`, 'y'] as const)],
        '{}',
      ),
    ]),
  ],
  methods: ['GET'],
  ends: 'dropped',
  statuses: [400, 431],
})
