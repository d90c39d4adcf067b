import { useSignal } from '@preact/signals'
import { html } from 'htm/preact'
import { useEffect, useRef } from 'preact/hooks'
import { signIn, signInReason } from '../core/session.js'

/** Asks for the admin token and tries it. */
export function SignIn() {
  const entered = useSignal('')
  const working = useSignal(false)
  const field = useRef(/** @type {HTMLInputElement | null} */ (null))
  useEffect(() => field.current?.focus(), [])
  /** @param {Event} event */
  const submit = async (event) => {
    event.preventDefault()
    working.value = true
    signInReason.value = await refusalOf(entered.value.trim())
    working.value = false
    if (signInReason.value === '') signIn(entered.value.trim())
  }
  return html`<main class="sign-in">
    <form onSubmit=${submit}>
      <h1>genesys-enricher</h1>
      <label for="token">Admin token</label>
      <input ref=${field} id="token" type="password" autocomplete="off" spellcheck="false" required aria-describedby="token-help"
        value=${entered.value} onInput=${(/** @type {any} */ { target }) => {
          entered.value = target.value
        }} />
      <p id="token-help" class="note">The value of ADMIN_TOKEN in the settings of the service. This tab keeps it until you close it.</p>
      <button type="submit" class="primary" disabled=${working.value}>Open the dashboard</button>
      <div class="refusal" role="alert">${signInReason.value && html`<p class="notice bad">${signInReason.value}</p>`}</div>
    </form>
  </main>`
}

/** Why the service does not accept the token; `''`: it does. @param {string} token */
async function refusalOf(token) {
  // A header can hold no other characters; every token of the service is made of these.
  if (!/^[\x21-\x7e]+$/.test(token)) return 'A token has only letters, digits and signs, without spaces.'
  try {
    const { ok, status, headers } = await fetch('admin/status', {
      headers: { authorization: `Bearer ${token}` },
    })
    if (ok) return ''
    if (status === 401)
      return 'This is not the admin token. Compare it with ADMIN_TOKEN in the settings of the service.'
    if (status === 429)
      return `Too many wrong tokens from your address. The right one is accepted at once; wait ${headers.get('retry-after') ?? 60} seconds before you try another one.`
    return `The service answered ${status}. Look at its log, then try again.`
  } catch {
    return 'The service does not answer. Check that it runs and that this browser can reach it.'
  }
}
