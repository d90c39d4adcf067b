import { signal } from '@preact/signals'

const key = 'genesys-enricher-admin-token'

/**
 * The admin token, for this tab only and never in a URL. `''`: the visitor must enter it.
 */
export const token = signal(sessionStorage.getItem(key) ?? '')

/** Why the visitor must enter the token again; `''`: no reason to show. */
export const signInReason = signal('')

/** @param {string} entered */
export function signIn(entered) {
  sessionStorage.setItem(key, entered)
  signInReason.value = ''
  token.value = entered
}

/** @param {string} [reason] */
export function signOut(reason = '') {
  sessionStorage.removeItem(key)
  signInReason.value = reason
  token.value = ''
}
