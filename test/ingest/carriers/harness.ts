import { openCarriers } from '../../../src/ingest/carriers/carriers.ts'
import { classifyItems } from '../../../src/ingest/classify-items.ts'
import { oneRule, rulesOf } from '../../helpers/rules.ts'

const rules = rulesOf(oneRule('on: ["*"], set: { seen: true }'))

/** Reads the items of a request like the intake. */
export function read(body: unknown) {
  const { items, ...opened } = openCarriers(Array.isArray(body) ? body : [body])
  const { events, rejected, ignored } = classifyItems(items, { rules, webhookId: undefined })
  return {
    events: events.map(({ event }) => event),
    identities: events.map(({ event }) => event.identity),
    ignored,
    rejected: rejected.flatMap(({ index, problems }) =>
      problems.map(({ path, message }) => `${index}: ${`${path} ${message}`.trim()}`),
    ),
    counts: Object.fromEntries(opened.counts),
    confirmations: opened.confirmations,
  }
}
