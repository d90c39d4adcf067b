import { html } from 'htm/preact'
import { TraceView } from '../parts/trace.js'
import { attributesOf } from './compare.js'

/** @import { Evaluation } from '../../answer-types.ts' */
/** @import { Side } from './compare.js' */

/** What one set of rules does with the event. `other`: the side to compare with. @param {{ title: string, side: Side, other: Side | undefined }} properties */
export function Result({ title, side: { evaluation, mistakes }, other }) {
  const others = attributesOf(other)
  return html`<section class="card result" aria-label=${title}>
    <h3>${title}</h3>
    ${mistakes && html`<div class="notice bad"><p>${mistakes.length === 1 ? 'A mistake' : `${mistakes.length} mistakes`}:</p>${mistakes.map((mistake) => html`<pre>${mistake}</pre>`)}</div>`}
    ${evaluation && html`<p>Read as: <b>${envelopes[evaluation.envelope]}</b>${evaluation.oddFields.length > 0 ? `, with odd fields: ${evaluation.oddFields.map(({ field }) => field).join(', ')}` : ''}</p>`}
    ${evaluation?.results.length === 0 && html`<p>The item is valid, but not about a conversation. The service ignores it.</p>`}
    ${evaluation?.results.map((result, index) => html`<${OneEvent} result=${result} index=${index} others=${other?.evaluation ? others : undefined} />`)}
    ${evaluation?.rejected.map(({ path, message }) => html`<p class="notice warn">Rejected: <code>${path}</code> ${message}</p>`)}
  </section>`
}

const envelopes = {
  canonical: "event in the service's own form",
  eventbridge: 'EventBridge',
  notification: 'notification of Genesys Cloud',
  cloudevent: 'CloudEvent',
  mapped: 'JSON of another form, by a mapping',
}

/** @param {{ result: Evaluation['results'][number], index: number, others: ReadonlyMap<string, string> | undefined }} properties */
const OneEvent = ({ result, index, others }) => html`<div class="one-event">
  <p><code>${result.topic ?? result.type}</code> of conversation <code>${result.conversationId}</code>${result.participantId ? html`, participant <code>${result.participantId}</code>` : ', no participant'}</p>
  ${!result.subscribed && html`<p class="notice calm">No rule listens to this event: the service would not store it.</p>`}
  ${result.needs.length > 0 && html`<p class="notice warn">The service would first read: ${result.needs.join(', ')}. Enter the participants to see the result.</p>`}
  ${result.changes.map(
    ({ participantId, attributes }) => html`<table class="changes">
      <caption>Attributes to set on ${participantId === '' ? 'no participant: a dead letter' : html`participant <code>${participantId}</code>`}</caption>
      <tbody>${Object.entries(attributes).map(([name, value]) => {
        const key = JSON.stringify([index, participantId, name])
        const differs = others !== undefined && others.get(key) !== value
        return html`<tr class=${differs ? 'differs' : ''}><th scope="row"><code>${name}</code></th><td><bdi>${value}</bdi>${differs && html` <span class="badge warn">differs</span>`}</td></tr>`
      })}</tbody>
    </table>`,
  )}
  ${result.changes.length === 0 && html`<p>Sets nothing.</p>`}
  <${TraceView} trace=${result.trace} />
</div>`
