import { canonicalItem } from '../../test/helpers/events.ts'
import { goodItem } from './items.ts'
import { goodToken, head, json, post, webhook, whole } from './raw-http.ts'
import type { FuzzRequest, Generate } from './request.ts'

/** A smuggled request. If the service accepts it, there is one response too many and the totals differ. */
const hidden = post(JSON.stringify(canonicalItem({ id: 'smuggled', conversationId: 'smuggled' }))).toString(
  'latin1',
)

const requestHead = `POST ${webhook} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${goodToken[1]}\r\nContent-Type: application/json\r\n`
const inChunks = `${requestHead}Transfer-Encoding: chunked\r\n\r\n`

/** Malformed requests, and requests whose end is ambiguous. The service must not read any of them as two requests. */
const malformed: readonly [readonly [name: string, bytes: string], ...(readonly [string, string])[]] = [
  ['CL and TE', `${requestHead}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
  [
    'TE and CL',
    `${requestHead}Transfer-Encoding: chunked\r\nContent-Length: ${hidden.length + 5}\r\n\r\n0\r\n\r\n${hidden}`,
  ],
  [
    'two lengths',
    `${requestHead}Content-Length: 1\r\nContent-Length: ${hidden.length + 1}\r\n\r\nx${hidden}`,
  ],
  ['the same length twice', `${requestHead}Content-Length: 1\r\nContent-Length: 1\r\n\r\nx${hidden}`],
  ['list of lengths', `${requestHead}Content-Length: 1, 1\r\n\r\nx${hidden}`],
  ['length +1', `${requestHead}Content-Length: +1\r\n\r\nx${hidden}`],
  ['length -1', `${requestHead}Content-Length: -1\r\n\r\nx${hidden}`],
  ['length 0x1', `${requestHead}Content-Length: 0x1\r\n\r\nx${hidden}`],
  ['length beyond 64 bits', `${requestHead}Content-Length: 99999999999999999999999\r\n\r\nx${hidden}`],
  ['space before the colon', `${requestHead}Content-Length : 1\r\n\r\nx${hidden}`],
  ['TE, space before the colon', `${requestHead}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`],
  ['TE xchunked', `${requestHead}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`],
  ['TE chunked, identity', `${requestHead}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`],
  [
    'two TEs',
    `${requestHead}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${hidden}`,
  ],
  ['chunk size zz', `${inChunks}zz\r\nab\r\n0\r\n\r\n${hidden}`],
  ['chunk size -1', `${inChunks}-1\r\nab\r\n0\r\n\r\n${hidden}`],
  ['chunk size 0x2', `${inChunks}0x2\r\nab\r\n0\r\n\r\n${hidden}`],
  ['chunk size beyond 64 bits', `${inChunks}ffffffffffffffffff\r\nab\r\n0\r\n\r\n${hidden}`],
  ['chunk longer than its size', `${inChunks}2\r\nabcd\r\n0\r\n\r\n${hidden}`],
  ['chunks with bare LF', `${inChunks}2\nab\n0\n\n${hidden}`],
  ['LF in a chunk extension', `${inChunks}2;a\nb\r\nab\r\n0\r\n\r\n${hidden}`],
  ['obs-fold', `${requestHead}X: a\r\n b\r\nContent-Length: 1\r\n\r\nx${hidden}`],
  ['obs-fold of TE', `${requestHead}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${hidden}`],
  ['bare LF', `${requestHead.replaceAll('\r\n', '\n')}Content-Length: 1\n\nx${hidden}`],
  ['bare LF at the end', `${requestHead}Content-Length: 1\r\n\nx${hidden}`],
  ['bare CR', `${requestHead}X: a\rContent-Length: 1\r\n\r\nx${hidden}`],
  ['NUL in a header', `${requestHead}X: a\0b\r\n\r\n${hidden}`],
  ['no colon', `${requestHead}abc\r\n\r\n${hidden}`],
  ['no header name', `${requestHead}: v\r\n\r\n${hidden}`],
  ['space in the path', `GET /livez x HTTP/1.1\r\nHost: x\r\n\r\n${hidden}`],
  ['HTTP/1.2', `GET /livez HTTP/1.2\r\nHost: x\r\n\r\n${hidden}`],
  ['HTTP/2 preface', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${hidden}`],
  ['unknown method', `FOO /livez HTTP/1.1\r\nHost: x\r\n\r\n${hidden}`],
  ['lower-case method', `get /livez HTTP/1.1\r\nHost: x\r\n\r\n${hidden}`],
  ['TLS', `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03${hidden}`],
  ['bytes', `\xff\xfe\0\0\r\n\r\n${hidden}`],
]

export const smuggling: Generate = (random) => {
  const [name, bytes] = random.pick(malformed)
  return {
    kind: `malformed: ${name}`,
    pieces: [Buffer.from(bytes, 'latin1')],
    methods: ['POST'],
    ends: 'dropped',
    statuses: [400],
  }
}

const unusual: readonly [FuzzRequest, ...FuzzRequest[]] = [
  allowed('TE after a tab', `${requestHead}Transfer-Encoding:\tchunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`, [400]),
  allowed(
    'TE gzip, chunked',
    `${requestHead}Transfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`,
    [400],
  ),
  allowed('chunk extension', `${inChunks}1;a=b\r\nx\r\n0\r\n\r\n`, [400]),
  allowed('trailers', `${inChunks}1\r\nx\r\n0\r\nContent-Length: 9\r\nContent-Encoding: gzip\r\n\r\n`, [400]),
  allowed('two hosts', `${requestHead}Host: evil\r\nContent-Length: 1\r\n\r\nx`, [400]),
  // After an upgrade request Node.js does not answer malformed requests on the connection.
  {
    ...allowed(
      'upgrade',
      `${requestHead}Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n\r\nx`,
      [400],
    ),
    last: true,
  },
  { ...allowed('HTTP/1.0', 'GET /livez HTTP/1.0\r\n\r\n', [200]), methods: ['GET'], ends: 'refused' },
  { ...allowed('HTTP/0.9', 'GET /livez\r\n\r\n', [200]), methods: ['GET'], ends: 'refused' },
  {
    ...allowed('unknown expectation', `${requestHead}Expect: fancy\r\nContent-Length: 0\r\n\r\n`, [417]),
    bare: true,
  },
  { ...allowed('no Host', 'GET /livez HTTP/1.1\r\n\r\n', [400]), ends: 'refused', bare: true },
  { ...allowed('CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n', []), ends: 'dropped' },
]

function allowed(name: string, bytes: string, statuses: readonly number[]): FuzzRequest {
  return {
    kind: `unusual: ${name}`,
    pieces: [Buffer.from(bytes, 'latin1')],
    methods: ['POST'],
    ends: 'kept',
    statuses,
  }
}

/** Unusual but valid HTTP. */
export const unusualForms: Generate = (random) => random.pick(unusual)

/** Several requests in one write, with responses in the same order. */
export const pipelined: Generate = (random, number) => {
  const parts = Array.from({ length: 2 + random.int(9) }, (_, index): readonly [string, Buffer] =>
    random.pick([
      ['POST', post(JSON.stringify(goodItem(random, number * 16 + index)))],
      ['GET', whole('GET', '/livez', [])],
      ['HEAD', whole('HEAD', '/livez', [])],
      ['POST', post('{')],
      ['POST', whole('POST', webhook, [json], '{}')],
      ['GET', whole('GET', '/nowhere', [])],
    ]),
  )
  return {
    kind: 'pipelined',
    pieces: [Buffer.concat(parts.map(([, bytes]) => bytes))],
    methods: parts.map(([method]) => method),
    ends: 'kept',
  }
}

/** Disconnects during a request or before its response. The body is invalid JSON, so no event counts. */
export const hangUp: Generate = (random) => {
  const bytes = post('{"type":"conversation:created","conversationId":')
  return {
    kind: 'disconnect',
    pieces: [random.chance(0.2) ? bytes : bytes.subarray(0, 1 + random.int(bytes.length - 1))],
    methods: ['POST'],
    ends: 'left',
  }
}

/** A request sent slowly, in pieces. */
export const slow: Generate = (random, number) => {
  const bytes = random.chance(0.5)
    ? post(JSON.stringify(goodItem(random, number)))
    : Buffer.concat([
        head('POST', webhook, [goodToken, json, ['Transfer-Encoding', 'chunked']]),
        Buffer.from('1\r\nx\r\n0\r\n\r\n'),
      ])
  const size = Math.ceil(bytes.length / 12)
  return {
    kind: 'slow',
    pieces: Array.from({ length: 12 }, (_, index) => bytes.subarray(index * size, (index + 1) * size)),
    pauseMs: 100,
    methods: ['POST'],
    ends: 'kept',
  }
}
