import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { libraryFiles, sourceOf } from './libraries.ts'

/** A file as the service sends it. */
export interface PageFile {
  readonly mediaType: string
  readonly etag: string
  /** Compressed when first asked for. */
  body(encoding: Encoding): Promise<Buffer>
}

export type Encoding = 'identity' | 'gzip' | 'br'

export interface Page {
  /** By path relative to the folder of `/dashboard`: `dashboard/page/main.js`. */
  readonly files: ReadonlyMap<string, PageFile>
  readonly html: PageFile
  /** The source expression of the import map for `script-src`: a policy without 'unsafe-inline' needs its hash. */
  readonly importMapHash: string
}

const mediaTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.html': 'text/html; charset=utf-8',
}

const folder = new URL('./page/', import.meta.url)
const copies = new URL('./libraries/', import.meta.url)

/** Reads the files of the page. The libraries come from the build, or from node_modules without one. */
export async function readPage(): Promise<Page> {
  const built = existsSync(copies)
  const names = (await readdir(folder, { recursive: true }))
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => extname(name) in mediaTypes && name !== 'index.html')
    .sort()
  const sources = [
    ...names.map((name) => ({ path: `dashboard/page/${name}`, url: new URL(name, folder) })),
    ...libraryFiles.map((file) => ({
      path: `dashboard/libraries/${file.name}`,
      url: built ? new URL(file.name, copies) : sourceOf(file),
    })),
  ]
  const files = await Promise.all(
    sources.map(async ({ path, url }) => [path, pageFile(path, await readFile(url))] as const),
  )
  const template = await readFile(new URL('index.html', folder), 'utf8')
  const importMap = JSON.stringify({ imports: Object.fromEntries(imports()) })
  const modules = [
    `<script type="importmap">${importMap}</script>`,
    ...sources.filter(({ path }) => path.endsWith('.js')).map(({ path }) => preloadOf(path)),
  ]
  const html = template.replace(/<!-- modules: .* -->/, () => modules.join('\n    '))
  return {
    files: new Map(files),
    html: pageFile('index.html', Buffer.from(html)),
    importMapHash: `'sha256-${createHash('sha256').update(importMap).digest('base64')}'`,
  }
}

const imports = (): readonly (readonly [string, string])[] =>
  libraryFiles.flatMap(({ specifier, name }) =>
    specifier === undefined ? [] : [[specifier, `./dashboard/libraries/${name}`] as const],
  )

/** Loads all modules at once. Otherwise the browser finds them one level of imports after the other. */
const preloadOf = (path: string): string => `<link rel="modulepreload" href="${path}">`

const compressBrotli = promisify(brotliCompress)
const compressGzip = promisify(gzip)

/** 9 takes a fifth of the time of the highest quality, for a tenth more bytes. */
const brotliQuality = 9

const encoders: Readonly<Record<Encoding, (content: Buffer) => Promise<Buffer>>> = {
  identity: async (content) => content,
  gzip: (content) => compressGzip(content),
  br: (content) => compressBrotli(content, { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } }),
}

function pageFile(path: string, content: Buffer): PageFile {
  const bodies = new Map<Encoding, Promise<Buffer>>()
  return {
    mediaType: mediaTypes[extname(path)] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`,
    body: (encoding) => {
      const body = bodies.get(encoding) ?? encoders[encoding](content)
      bodies.set(encoding, body)
      return body
    },
  }
}
