import { useSignal } from '@preact/signals'
import { html } from 'htm/preact'

/**
 * An id with a button that copies it.
 * @param {{ text: string, label: string }} properties `label`: what it is, for the name of the button.
 */
export function Copy({ text, label }) {
  const copied = useSignal('')
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      copied.value = 'Copied'
    } catch {
      copied.value = 'Select the text and copy it: the browser allows the button only over https'
    }
  }
  return html`<span class="copy">
    <code dir="auto">${text}</code>
    <button type="button" class="quiet" onClick=${copy} aria-label=${`Copy ${label}`}>Copy</button>
    <span class="note" role="status">${copied.value}</span>
  </span>`
}
