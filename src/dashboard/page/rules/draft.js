import { effect, signal } from '@preact/signals'
import { token } from '../core/session.js'

/** What the reader typed into the playground. Kept while another view is open, and forgotten at sign-out. */
export const draft = {
  event: signal(''),
  participants: signal(''),
  /** The edited copy of the rules; undefined: not edited. @type {import('@preact/signals').Signal<string | undefined>} */
  copy: signal(undefined),
}

effect(() => {
  if (token.value !== '') return
  draft.event.value = ''
  draft.participants.value = ''
  draft.copy.value = undefined
})
