import { createHash } from 'node:crypto'
import type { OpenApiDocument, Operation, SecurityScheme } from '../operation.ts'
import { type Html, html, prose } from './html.ts'
import { operationSection } from './operation.ts'
import { anchorOf, schemaSection } from './schema.ts'
import { style } from './style.ts'

export interface Page {
  readonly body: string
  /** Lets the page have its own style, and nothing else from anywhere: no script, no picture, no frame. */
  readonly contentSecurityPolicy: string
}

const styleHash = createHash('sha256').update(style).digest('base64')

/** The description as a page that works without a network: no script, and no file beside it. */
export function docsPage({ info, tags, paths, components }: OpenApiDocument): Page {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  )
  const sections = tags.map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags.some((tag) => tag === name))
    return html`<h2>${name}</h2><p>${prose(description)}</p>
${own.map(({ method, path, operation }) => operationSection(method, path, operation))}`
  })
  const { schemas, securitySchemes } = components
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${info.title} ${info.version}</title><style>${{ html: style }}</style></head><body>
<h1>${info.title} ${info.version}</h1>
<p>${info.summary} ${prose(info.description)}</p>
<p>The same for programs: <a href="openapi.json">openapi.json</a>. In the commands, <code>$SERVICE</code> is the origin of this page.</p>
<nav><ul>${operations.map(entry)}</ul></nav>
${sections}<h2>Credentials</h2><dl>${Object.entries(securitySchemes).map(credential)}</dl>
<h2>Schemas</h2><nav><ul>${Object.keys(schemas).map((name) => html`<li><a href="#${anchorOf(name)}">${name}</a></li>`)}</ul></nav>
${Object.entries(schemas).map(([name, schema]) => schemaSection(name, schema))}</body></html>
`
  return {
    body: page.html,
    contentSecurityPolicy: `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  }
}

interface Entry {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

const entry = ({ method, path, operation }: Entry): Html =>
  html`<li><a href="#${operation.operationId}">${method.toUpperCase()} ${path}</a></li>`

function credential([name, scheme]: readonly [string, SecurityScheme]): Html {
  const place = scheme.type === 'http' ? `Authorization: ${scheme.scheme}` : scheme.name
  return html`<dt id="credential-${name}"><strong>${name}</strong> <code>${place}</code></dt><dd>${prose(scheme.description)}</dd>
`
}
