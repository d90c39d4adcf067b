import { useSignal } from '@preact/signals'
import { html } from 'htm/preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/**
 * Asks before a change. `onConfirm` may reject; the dialog then stays open and shows why.
 * @param {{
 *   title: string,
 *   action: string,
 *   danger?: boolean,
 *   children?: import('preact').ComponentChildren,
 *   onConfirm: () => Promise<void>,
 *   onClose: () => void,
 * }} properties
 */
export function Confirm({ title, action, danger = false, children, onConfirm, onClose }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null))
  const working = useSignal(false)
  const error = useSignal('')
  useLayoutEffect(() => {
    dialog.current?.showModal()
  }, [])
  /** @param {Event} event */
  const confirm = async (event) => {
    event.preventDefault()
    working.value = true
    error.value = ''
    try {
      await onConfirm()
      dialog.current?.close()
    } catch (failure) {
      error.value = failure instanceof Error ? failure.message : String(failure)
    } finally {
      working.value = false
    }
  }
  return html`<dialog ref=${dialog} aria-labelledby="confirm-title" onClose=${onClose}>
    <form onSubmit=${confirm}>
      <h2 id="confirm-title">${title}</h2>
      ${children}
      ${error.value && html`<p class="notice bad" role="alert">${error.value}</p>`}
      <div class="actions">
        <button type="button" onClick=${() => dialog.current?.close()}>Cancel</button>
        <button type="submit" class=${danger ? 'danger' : 'primary'} disabled=${working.value}>${action}</button>
      </div>
    </form>
  </dialog>`
}
