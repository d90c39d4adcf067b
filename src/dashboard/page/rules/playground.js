import { useSignal } from '@preact/signals'
import { html } from 'htm/preact'
import { useLoaded } from '../core/load.js'
import { Failed } from '../parts/notice.js'
import { compare } from './compare.js'
import { Result } from './result.js'
import { readSamples } from './samples.js'

/** @import { Outcome } from './compare.js' */

/**
 * Evaluates the rules in force, and an edited copy of them, for an event. Saves and sends nothing.
 * @param {{ text: string, tables: readonly string[] }} properties
 */
export function Playground({ text, tables }) {
  const samples = useLoaded(readSamples, [])
  const event = useSignal('')
  const participants = useSignal('')
  const copy = useSignal(text)
  const outcome = useSignal(/** @type {Outcome | undefined} */ (undefined))
  const error = useSignal('')
  const working = useSignal(false)
  /** @param {Event} submitted */
  const evaluate = async (submitted) => {
    submitted.preventDefault()
    working.value = true
    error.value = ''
    try {
      const edited = copy.value === text ? undefined : copy.value
      outcome.value = await compare(event.value, participants.value, edited)
    } catch (failure) {
      error.value = failure instanceof Error ? failure.message : String(failure)
      outcome.value = undefined
    } finally {
      working.value = false
    }
  }
  /** @param {import('@preact/signals').Signal<string>} field */
  const into =
    (field) =>
    (/** @type {any} */ { target }) => {
      field.value = target.value
    }
  return html`<section aria-labelledby="playground">
    <h2 id="playground">Playground</h2>
    <p class="note">Paste an event to see what the rules do with it. Edit the copy of the rules to compare. Nothing is saved or sent to Genesys Cloud; lookups of the rules are read.</p>
    <form onSubmit=${evaluate}>
      <div class="columns">
        <div>
          <label>Sample
            <select onChange=${(/** @type {any} */ { target }) => {
              event.value = samples.data?.find(({ name }) => name === target.value)?.text ?? event.value
            }}>
              <option value="">Choose a sample event…</option>
              ${samples.data?.map(({ name, summary }) => html`<option value=${name}>${summary}</option>`)}
            </select>
          </label>
          <label>Event, JSON in any envelope
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
          <label>Copy of the rules ${copy.value === text ? '(not edited)' : '(edited)'}
            <textarea name="rules" rows="19" spellcheck="false" value=${copy.value} onInput=${into(copy)}></textarea>
          </label>
          <p class="note">${tables.length === 0 ? 'The rules in force have no lookup tables.' : html`The copy can use the tables ${tables.join(', ')} of the rules in force, and no others.`}
            ${
              copy.value !== text &&
              html` <button type="button" class="quiet" onClick=${() => {
                copy.value = text
              }}>Undo all edits</button>`
            }</p>
        </div>
      </div>
      <div class="actions"><button type="submit" class="primary" disabled=${working.value}>Evaluate</button></div>
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
