import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Problem } from '../errors.ts'
import { problemResponses } from '../http/answer-schemas.ts'
import { type Encoding, type Page, type PageFile, readPage } from './page-files.ts'

export interface DashboardDeps {
  /** Absent: the page answers 404. */
  readonly adminToken: string | undefined
}

const getDashboard = {
  operationId: 'getDashboard',
  tags: ['Admin'],
  summary: 'The dashboard, a page for people',
  description: 'Contains no data. It asks for ADMIN_TOKEN and calls the admin routes with it.',
  security: [],
  response: {
    200: { description: 'The page.', content: { 'text/html': { schema: z.string() } } },
    ...problemResponses('route_not_found'),
  },
}

/**
 * GET and HEAD /dashboard, and the files of the page below it. The page names them by relative URLs, so that it works behind a
 * proxy that adds a prefix to the path.
 */
export function registerDashboard(server: FastifyInstance, { adminToken }: DashboardDeps): void {
  let reading: Promise<Page> | undefined
  /** At the first request, because most starts of the service need no page. */
  const page = (): Promise<Page> => {
    if (adminToken === undefined) throw new Problem('route_not_found')
    reading ??= readPage()
    return reading
  }
  server.register((routes, _options, done) => {
    routes.get('/dashboard', { schema: getDashboard }, async (request, reply) => {
      const { html, importMapHash } = await page()
      // Relative URLs of the page would be wrong below this path.
      if (request.url.split('?', 1)[0]?.endsWith('/')) return reply.redirect('../dashboard', 308)
      reply.header('content-security-policy', policy(importMapHash))
      return send(request, reply, html)
    })
    routes.get('/dashboard/*', { schema: { hide: true } }, async (request, reply) => {
      const { files } = await page()
      const file = files.get(`dashboard/${(request.params as { '*': string })['*']}`)
      if (file === undefined) throw new Problem('route_not_found')
      return send(request, reply, file)
    })
    done()
  })
}

const policy = (importMapHash: string): string =>
  [
    "default-src 'none'",
    `script-src 'self' ${importMapHash}`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

/** `no-cache`: the browser asks whether its copy is current, so that a new version of the service shows its own page. */
async function send(request: FastifyRequest, reply: FastifyReply, file: PageFile): Promise<FastifyReply> {
  reply.headers({
    'cache-control': 'no-cache',
    'cross-origin-resource-policy': 'same-origin',
    etag: file.etag,
    'referrer-policy': 'no-referrer',
    vary: 'Accept-Encoding',
    'x-content-type-options': 'nosniff',
  })
  const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  if (known?.includes(file.etag)) return reply.code(304).send()
  const encoding = preferredEncoding(request.headers['accept-encoding'])
  if (encoding !== 'identity') reply.header('content-encoding', encoding)
  return reply.type(file.mediaType).send(await file.body(encoding))
}

/** Ignores the weights, except 0: every client that accepts an encoding can use it. */
function preferredEncoding(accepted: string | string[] | undefined): Encoding {
  const names = String(accepted ?? '')
    .split(',')
    .filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part))
    .map((part) => part.split(';', 1)[0]?.trim().toLowerCase())
  return names.includes('br') ? 'br' : names.includes('gzip') ? 'gzip' : 'identity'
}
