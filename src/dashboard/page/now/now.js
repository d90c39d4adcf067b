import { html } from 'htm/preact'
import { connection, isCurrent, samples, status } from '../core/live.js'
import { Loading } from '../parts/notice.js'
import { Budget } from './budget.js'
import { Charts } from './charts.js'
import { Delivery } from './delivery.js'
import { Waiting } from './figures.js'
import { Health } from './health.js'
import { trendOf } from './trend.js'
import { Unknown } from './unknown.js'

/** Whether it delivers, what it may spend, what waits, and what fails. */
export function Now() {
  const current = status.value
  if (current === undefined)
    return connection.value === 'lost'
      ? html`<p>No values yet: the service does not answer.</p>`
      : html`<${Loading} what="the state of the service" />`
  const trend = trendOf(samples.value, (current.status?.nodes.length ?? 1) < 2)
  return html`
    ${isCurrent.value ? html`<${Delivery} current=${current} trend=${trend} />` : html`<${Unknown} at=${current.at} />`}
    <div class=${isCurrent.value ? '' : 'stale'}>
      <div class="cards">
        <${Budget} status=${current.status} />
        <${Waiting} current=${current} trend=${trend} />
      </div>
      <${Charts} />
      <${Health} current=${current} />
    </div>
  `
}
