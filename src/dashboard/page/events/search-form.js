import { useSignal } from '@preact/signals'
import { html } from 'htm/preact'
import { useEffect, useRef } from 'preact/hooks'

const states = ['', 'pending', 'applied', 'unchanged', 'dead']

/**
 * @param {{ search: string, state: string, loading: boolean, onSearch: (search: string, state: string) => void, onReload: () => void }} properties
 */
export function SearchForm({ search, state, loading, onSearch, onReload }) {
  const text = useSignal(search)
  const chosen = useSignal(state)
  const field = useRef(/** @type {HTMLInputElement | null} */ (null))
  useEffect(() => {
    if (search === '' && state === '') field.current?.focus({ preventScroll: true })
  }, [])
  useEffect(() => {
    text.value = search
    chosen.value = state
  }, [search, state])
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault()
    const [wanted, wantedState] = [text.value.trim(), chosen.value]
    if (wanted === search && wantedState === state) onReload()
    else onSearch(wanted, wantedState)
  }
  return html`<form class="search" role="search" onSubmit=${submit}>
    <label class="grow">Conversation, participant or event id
      <input ref=${field} type="search" name="search" value=${text.value} spellcheck="false" autocomplete="off" dir="auto"
        onInput=${(/** @type {any} */ { target }) => {
          text.value = target.value
        }} />
    </label>
    <label>State
      <select name="state" value=${chosen.value} onChange=${(/** @type {any} */ { target }) => {
        chosen.value = target.value
        onSearch(text.value.trim(), chosen.value)
      }}>
        ${states.map((one) => html`<option value=${one}>${one === '' ? 'any' : one}</option>`)}
      </select>
    </label>
    <button type="submit" class="primary" aria-busy=${loading}>Search</button>
  </form>`
}
