import { useComputed } from '@preact/signals'
import { html } from 'htm/preact'
import { formatCount, formatDuration } from '../core/format.js'
import { samples } from '../core/live.js'
import { Chart } from '../parts/chart.js'
import { Time } from '../parts/time.js'

/** @import { Sample } from '../../answer-types.ts' */

/** @param {keyof Sample} field @returns {readonly (number | null)[]} */
const valuesOf = (field) => samples.value.map((sample) => /** @type {number | null} */ (sample[field]))

/** @type {import('../parts/chart.js').Scale} */
const counts = { kind: 'counts', least: 5, format: formatCount }
/** @type {import('../parts/chart.js').Scale} */
const delays = { kind: 'states', least: 100, format: formatDuration }
/** @type {import('../parts/chart.js').Scale} */
const pending = { kind: 'states', least: 5, format: formatCount }

/** The last hour, in intervals of 10 seconds. */
export function Charts() {
  const series = useComputed(() => ({
    times: samples.value.map(({ at }) => Date.parse(at) / 1_000),
    events: [
      { label: 'accepted', colour: '--blue', values: valuesOf('accepted') },
      { label: 'applied', colour: '--green', values: valuesOf('applied') },
      { label: 'unchanged', colour: '--grey', values: valuesOf('unchanged') },
      { label: 'dead', colour: '--red', values: valuesOf('dead') },
    ],
    calls: [
      { label: 'API calls', colour: '--blue', values: valuesOf('calls') },
      { label: 'refused (429)', colour: '--red', values: valuesOf('rateLimited') },
    ],
    delay: [
      { label: 'median', colour: '--blue', values: valuesOf('p50Ms') },
      { label: '95 of 100', colour: '--orange', values: valuesOf('p95Ms') },
    ],
    waiting: [{ label: 'pending', colour: '--orange', values: valuesOf('pending') }],
  }))
  const { times, events, calls, delay, waiting } = series.value
  const few = times.length < 2
  return html`<section class="charts" aria-label="The last hour">
    <h2>The last hour <small class="note">in steps of 10 seconds${few ? '; the first values appear within 20 seconds of the start of the service' : html`, until <${Time} at=${samples.value.at(-1)?.at} />`}</small></h2>
    <${Chart} title="Events" times=${times} lines=${events} scale=${counts} />
    <${Chart} title="API calls (PATCH and GET)" times=${times} lines=${calls} scale=${counts} />
    <${Chart} title="From accepted to applied" times=${times} lines=${delay} scale=${delays} />
    <${Chart} title="Waiting in the inbox" times=${times} lines=${waiting} scale=${pending} />
    <p class="note wide">An event that is replayed counts again, so outcomes can outnumber accepted events.</p>
  </section>`
}
