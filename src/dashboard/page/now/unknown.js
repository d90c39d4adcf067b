import { useSignal } from '@preact/signals'
import { html } from 'htm/preact'
import { useEffect } from 'preact/hooks'
import { formatDuration } from '../core/format.js'
import { connection } from '../core/live.js'
import { Time } from '../parts/time.js'

/** Stands in place of the state of delivery while the service does not answer. @param {{ at: string }} properties `at`: of the last values. */
export function Unknown({ at }) {
  const now = useSignal(Date.now())
  useEffect(() => {
    const timer = setInterval(() => {
      now.value = Date.now()
    }, 1_000)
    return () => clearInterval(timer)
  }, [])
  return html`<section class="headline bad" aria-label="Delivery">
    <h2>Unknown since <${Time} at=${at} />, ${formatDuration(Math.max(0, now.value - Date.parse(at)))} ago</h2>
    <p>${connection.value === 'stopping' ? 'The service is shutting down.' : 'The service does not answer.'} The values below are the last known ones.</p>
    ${connection.value === 'lost' && html`<p><strong>What to do:</strong> Check that the process runs, look at the end of its log, and check that this browser can reach it. Senders get no answer either, and should send again.</p>`}
  </section>`
}
