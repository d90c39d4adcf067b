import { useSignal } from '@preact/signals'
import { html } from 'htm/preact'
import { useLoaded } from '../core/load.js'
import { Failed } from '../parts/notice.js'
import { compare } from './compare.js'
import { draft } from './draft.js'
import { Result } from './result.js'
import { readSamples } from './samples.js'

/** @import { Outcome } from './compare.js' */

/**
 * Evaluates the rules in force, and an edited copy of them, for an event. Saves and sends nothing.
 * @param {{ text: string, tables: readonly string[] }} properties
 */
export function Playground({ text, tables }) {
  const samples = useLoaded(readSamples, [])
  const { event, participants, copy } = draft
  const isEdited = copy.value !== undefined && copy.value !== text
  const outcome = useSignal(/** @type {Outcome | undefined} */ (undefined))
  const error = useSignal('')
  const working = useSignal(false)
  /** @param {Event} submitted */
  const evaluate = async (submitted) => {
    submitted.preventDefault()
    if (working.value) return
    working.value = true
    error.value = ''
    try {
      outcome.value = await compare(event.value, participants.value, isEdited ? copy.value : undefined)
    } catch (failure) {
      error.value = failure instanceof Error ? failure.message : String(failure)
      outcome.value = undefined
    } finally {
      working.value = false
    }
  }
  /** @param {import('@preact/signals').Signal<string> | import('@preact/signals').Signal<string | undefined>} field */
  const into =
    (field) =>
    (/** @type {any} */ { target }) => {
      field.value = target.value
      error.value = ''
    }
  return html`<section aria-labelledby="playground">
    <h2 id="playground">Playground</h2>
    <p class="note">Paste an event to see what the rules do with it. Edit the copy of the rules to compare. Nothing is saved or sent to Genesys Cloud; lookups of the rules are read.</p>
    <form onSubmit=${evaluate}>
      <div class="columns">
        <div>
          <label>Sample
            <select onChange=${(/** @type {any} */ { target }) => {
              error.value = ''
              event.value = samples.data?.find(({ name }) => name === target.value)?.text ?? event.value
            }}>
              <option value="">Choose a sample event…</option>
              ${samples.data?.map(({ name, summary }) => html`<option value=${name}>${summary}</option>`)}
            </select>
          </label>
          <label>Event as JSON, in any form that the webhook accepts
            <textarea name="event" rows="16" spellcheck="false" required value=${event.value} onInput=${into(event)}></textarea>
          </label>
          <details>
            <summary>Participants of the conversation</summary>
            <label>JSON array, as in the answer of Genesys Cloud; for rules with a target
              <textarea name="participants" rows="6" spellcheck="false" value=${participants.value} onInput=${into(participants)}></textarea>
            </label>
          </details>
        </div>
        <div>
          <label>Copy of the rules ${isEdited ? '(edited)' : '(not edited)'}
            <textarea name="rules" rows="19" spellcheck="false" value=${copy.value ?? text} onInput=${into(copy)}></textarea>
          </label>
          <p class="note">${tables.length === 0 ? 'The rules in force have no lookup tables.' : html`The copy can use the tables ${tables.join(', ')} of the rules in force, and no others.`}
            ${
              isEdited &&
              html` <button type="button" class="quiet" onClick=${() => {
                copy.value = undefined
              }}>Undo all edits</button>`
            }</p>
        </div>
      </div>
      <div class="actions"><button type="submit" class="primary" aria-busy=${working.value}>Evaluate</button></div>
    </form>
    ${samples.error && html`<p class="note">No samples: ${samples.error}</p>`}
    <div aria-live="polite">
      ${error.value && html`<${Failed} message=${error.value} />`}
      ${
        outcome.value &&
        html`<div class="columns">
        <${Result} title="Rules in force" side=${outcome.value.inForce} other=${outcome.value.edited} />
        ${outcome.value.edited && html`<${Result} title="Your copy" side=${outcome.value.edited} other=${outcome.value.inForce} />`}
      </div>`
      }
    </div>
  </section>`
}
