import { useSignal } from '@preact/signals'
import { html } from 'htm/preact'
import { post } from '../core/api.js'
import { status } from '../core/live.js'
import { AuditLine } from '../parts/audit.js'
import { Confirm } from '../parts/confirm.js'
import { Loading } from '../parts/notice.js'
import { Time } from '../parts/time.js'

const maxReason = 200

/** Pauses and resumes delivery. */
export function Controls() {
  const asked = useSignal(/** @type {'pause' | 'reason' | 'resume' | ''} */ (''))
  const reason = useSignal('')
  const delivery = status.value?.status?.delivery
  if (delivery === undefined) return html`<${Loading} what="the state of delivery" />`
  const paused = delivery.pausedBy === 'operator'
  return html`
    <section class=${`headline ${paused ? 'warn' : 'calm'}`} aria-label="Delivery">
      <h2>${paused ? 'Delivery is paused' : 'Delivery is not paused'}</h2>
      <p>${paused ? html`Since <${Time} at=${delivery.pausedSince} />${delivery.reason === null ? ', no reason given' : html`: <bdi>${delivery.reason}</bdi>`}. The service accepts events and keeps them; it makes no API call.` : 'A pause stops all API calls, also after a restart. The service still accepts events and keeps them.'}</p>
      <div class="actions">
        <button type="button" class=${paused ? '' : 'danger'} onClick=${() => {
          reason.value = delivery.reason ?? ''
          asked.value = paused ? 'reason' : 'pause'
        }}>${paused ? 'Change the reason' : 'Pause delivery'}</button>
        ${
          paused &&
          html`<button type="button" class="primary" onClick=${() => {
            asked.value = 'resume'
          }}>Resume delivery</button>`
        }
      </div>
    </section>
    ${
      asked.value === 'pause' &&
      html`<${Confirm} title="Pause delivery?" action="Pause" danger=${true} onClose=${() => {
        asked.value = ''
      }}
      onConfirm=${async () => {
        await post('admin/delivery/pause', { reason: reason.value })
      }}>
      <p>No attribute is set until an operator resumes delivery. Calls under way finish.</p>
      <${Reason} reason=${reason} label="Reason (optional), for other operators and the log" />
    <//>`
    }
    ${
      asked.value === 'reason' &&
      html`<${Confirm} title="Change the reason for the pause" action="Save reason" onClose=${() => {
        asked.value = ''
      }}
      onConfirm=${async () => {
        await post('admin/delivery/pause', { reason: reason.value })
      }}>
      <p>Delivery stays paused.</p>
      <${Reason} reason=${reason} label="Reason, for other operators and the log" required=${true} />
    <//>`
    }
    ${
      asked.value === 'resume' &&
      html`<${Confirm} title="Resume delivery?" action="Resume" onClose=${() => {
        asked.value = ''
      }}
      onConfirm=${async () => {
        await post('admin/delivery/resume')
      }}>
      <p>Pending events are delivered within the rate budget, the urgent and oldest first.</p>
    <//>`
    }
    <${Audit} />
  `
}

/** @param {{ reason: import('@preact/signals').Signal<string>, label: string, required?: boolean }} properties */
const Reason = ({ reason, label, required = false }) => html`<label>${label}
  <input name="reason" maxlength=${maxReason} value=${reason.value} required=${required} autocomplete="off" onInput=${(
    /** @type {any} */ { target },
  ) => {
    reason.value = target.value
  }} />
</label>`

const Audit = () => {
  const entries = status.value?.audit ?? []
  return html`<section aria-labelledby="audit">
    <h2 id="audit">Changes by operators <small class="note">since the start of the service; the log keeps them all</small></h2>
    <div aria-live="polite">
      ${entries.length === 0 ? html`<p class="note">None yet. Each pause, resume, replay and drop appears here as in the log.</p>` : entries.map((entry) => html`<${AuditLine} key=${entry.at + entry.message} entry=${entry} />`)}
    </div>
  </section>`
}
