import type { Content, Example, Operation, Parameter, Response } from '../operation.ts'
import { asAdmin, asSender } from '../security.ts'
import { type Html, html, joined, prose } from './html.ts'
import { limitsOf, typeOf } from './schema.ts'

/** One operation: what it does, what it takes and what it answers. */
export const operationSection = (method: string, path: string, operation: Operation): Html =>
  html`<section id="${operation.operationId}">
<h3><span class="method">${method.toUpperCase()}</span> <code>${path}</code></h3>
<p><strong>${operation.summary}.</strong> ${prose(operation.description)}</p>
<p>Credentials: ${credentials(operation.security)}.</p>
${parameters(operation.parameters)}${body(method, path, operation)}${responses(operation.responses)}</section>
`

function credentials(security: Operation['security']): Html {
  if (security.length === 0) return html`none`
  const alternatives = security.map((schemes) =>
    joined(
      Object.keys(schemes).map((name) => html`<a href="#credential-${name}">${name}</a>`),
      ' with ',
    ),
  )
  return joined(alternatives, ', or ')
}

function parameters(all: readonly Parameter[] = []): Html | undefined {
  if (all.length === 0) return undefined
  const rows = all.map(
    (parameter) => html`<tr><td><code>${parameter.name}</code></td><td>${parameter.in}</td>
<td>${typeOf(parameter.schema)}</td><td>${prose(parameter.description)}${limitsOf(parameter.schema)}</td></tr>
`,
  )
  return html`<h4>Parameters</h4><div class="wide"><table>
<thead><tr><th>Name</th><th>In</th><th>Type</th><th>Meaning</th></tr></thead>
<tbody>${rows}</tbody></table></div>
`
}

function body(method: string, path: string, operation: Operation): Html {
  const { requestBody } = operation
  if (requestBody === undefined) return command({ method, path, operation })
  const contents = Object.entries(requestBody.content).map(
    ([mediaType, { schema, examples }]) => html`<p><code>${mediaType}</code>: ${typeOf(schema)}</p>
${Object.values(examples ?? {}).map(
  ({ summary, value }) =>
    html`<details><summary>${summary}</summary>${command({ method, path, operation, mediaType, value })}</details>
`,
)}`,
  )
  return html`<h4>Body</h4><p>${prose(requestBody.description)}</p>${contents}`
}

interface Call {
  readonly method: string
  readonly path: string
  readonly operation: Operation
  readonly mediaType?: string
  readonly value?: unknown
}

const tokenFor = (security: Operation['security']): string | undefined =>
  security === asSender ? '$WEBHOOK_TOKEN' : security === asAdmin ? '$ADMIN_TOKEN' : undefined

/** A text, such as NDJSON, is a body as it is. */
const bodyOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value, null, 2)

/** The call as a line for a shell. */
function command({ method, path, operation: { security }, mediaType, value }: Call): Html {
  const token = tokenFor(security)
  const parts = [
    `curl -sS "$SERVICE${path}"`,
    method === 'options' && '-i -X OPTIONS',
    token && `-H "authorization: Bearer ${token}"`,
    mediaType && `-H 'content-type: ${mediaType}'`,
    value !== undefined && `-d '${bodyOf(value).replaceAll("'", "'\\''")}'`,
  ]
  return html`<pre><code>${parts.filter((part) => part).join(' \\\n  ')}</code></pre>
`
}

const responses = (all: Operation['responses']): Html => html`<h4>Answers</h4><div class="wide"><table>
<thead><tr><th>Status</th><th>Meaning</th><th>Headers</th><th>Body</th></tr></thead>
<tbody>${Object.entries(all).map(([status, response]) => answer(status, response))}</tbody></table></div>
`

function answer(status: string, { description, headers = {}, content = {} }: Response): Html {
  const names = Object.entries(headers).map(
    ([name, header]) => html`<p><code>${name}</code>: ${prose(header.description)}</p>`,
  )
  return html`<tr><td>${status}</td><td>${prose(description)}</td><td>${names}</td>
<td>${Object.entries(content).map(([mediaType, one]) => answered(mediaType, one))}</td></tr>
`
}

const answered = (mediaType: string, { schema, examples = {} }: Content): Html =>
  html`<p><code>${mediaType}</code>: ${typeOf(Array.isArray(schema.allOf) ? schema.allOf[0] : schema)}</p>
${Object.entries(examples).map(shown)}`

const shown = ([name, { value }]: readonly [string, Example]): Html =>
  html`<details><summary>${name}</summary><pre><code>${JSON.stringify(value, null, 2)}</code></pre></details>
`
