import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import type { InProcessService } from './in-process.ts'
import { email, phones, planted } from './planted-values.ts'
import { createConversations, setUp } from './process.ts'
import { setProcessVariables } from './process-variables.ts'
import { until } from './wait.ts'

async function listen(t: TestContext, handler: RequestListener): Promise<string> {
  const server = createServer(handler).listen(0, '127.0.0.1')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  await until('the server listens', () => server.listening)
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const rules = (crm: string) => `
version: 1
lookups:
  crm:
    url: "${crm}/customers/{key}"
    headers: { x-api-key: "${planted['header of a lookup']}" }
    allowPrivate: true
rules:
  - name: from the lookup
    on: [conversation:created]
    let: { caller: lookup("crm", participant.address) }
    when: participant.purpose == "customer" && caller.tier != ""
    set: { tier: "\${caller.tier}" }
  - name: copies
    on: [conversation:created]
    when: participant.purpose == "customer"
    set:
      vip: "${planted['attribute value of a rule']}"
      address: \${participant.address}
      mail: \${event.attributes.mail}
      note: \${event.body.note}
  - name: lacks a field
    on: [conversation:created]
    when: event.topic == "customer.start"
    set: { topic: "\${event.topic}" }
`

/** An event of a caller, each in another spelling of the number. */
export const callerEvent = (conversation: number, address = phones[conversation % phones.length]) => ({
  type: 'conversation:created',
  id: `event-${conversation}`,
  conversationId: `conversation-${conversation}`,
  participantId: `participant-${conversation}`,
  participant: { purpose: 'customer', address, ani: address, name: email },
  attributes: { mail: email, note: planted['attribute value of an event'] },
  mediaType: { unexpected: planted['attribute value of an event'] },
  note: planted['attribute value of an event'],
})

/** An answer of Genesys Cloud that repeats what it was sent. */
export const echo = (status: number) => ({
  match: { method: 'PATCH' },
  status,
  body: {
    status,
    code: 'bad.request',
    message: `${planted['text of an API answer']} ${planted['attribute value of a rule']} ${phones[1]} ${email}`,
    contextId: '28f7cec2-b2fd-44a2-a15c-b2c9335f5d26',
  },
})

/** A login server before the simulator's, which notes the access tokens. */
async function startLogin(t: TestContext, simulatorUrl: string) {
  const tokens: string[] = []
  const url = await listen(t, async (request, response) => {
    const { authorization = '', 'content-type': type = '' } = request.headers
    const answer = await fetch(`${simulatorUrl}/oauth/token`, {
      method: 'POST',
      headers: { authorization, 'content-type': type },
      body: new Uint8Array(await buffer(request)),
    })
    const body = await answer.text()
    const token = /"access_token":"([^"]+)"/.exec(body)?.[1]
    if (token !== undefined) tokens.push(token)
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(body)
  })
  return { url, tokens }
}

/** A service with every planted secret, and its simulator. */
export async function plantedInstallation(
  t: TestContext,
  level: string,
  start: (t: TestContext, environment: Record<string, string>) => Promise<InProcessService>,
) {
  const crm = await listen(t, (request, response) => {
    const isKnown = decodeURIComponent(request.url ?? '').endsWith(phones[0] ?? '')
    response.writeHead(isKnown ? 200 : 500, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ tier: planted['value from a lookup'] }))
  })
  const options = { clientSecret: planted['OAuth client secret'], windowPhaseMs: 0 }
  const { folder, simulator, environment: base } = await setUp(t, { ...options, rules: rules(crm) })
  const login = await startLogin(t, simulator.url)
  createConversations(simulator, 6)
  const environment = {
    ...base,
    GENESYS_CLIENT_SECRET: planted['OAuth client secret'],
    GENESYS_LOGIN_URL: login.url,
    WEBHOOK_TOKENS: planted['webhook token'],
    WEBHOOK_SECRETS: planted['webhook secret'],
    ADMIN_TOKEN: planted['admin token'],
    LOG_LEVEL: level,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://user:${planted['password in a URL']}@127.0.0.1:9`,
    OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${planted['header of the tracing exporter']}`,
    OTEL_BSP_SCHEDULE_DELAY: '20',
    OTEL_EXPORTER_OTLP_TIMEOUT: '300', // ends the exporter's retries
  }
  setProcessVariables(t, 'OTEL_', environment)
  const service = await start(t, environment)
  return { folder, simulator, login, environment, service }
}

export type PlantedInstallation = Awaited<ReturnType<typeof plantedInstallation>>
