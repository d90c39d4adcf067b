import { computed, signal } from '@preact/signals'

/** The part of the URL after `#`: `/events?conversation=c1`. It names views and ids, never the token. */
const hash = signal(location.hash)
addEventListener('hashchange', () => {
  hash.value = location.hash
})

/** The view and its parameters. */
export const route = computed(() => {
  const [path = '', query = ''] = hash.value.replace(/^#\/?/, '').split('?', 2)
  return { view: path === '' ? 'now' : path, parameters: new URLSearchParams(query) }
})

/**
 * The link to a view.
 * @param {string} view
 * @param {Readonly<Record<string, string | undefined>>} [parameters]
 */
export function linkTo(view, parameters = {}) {
  const given = Object.entries(parameters).flatMap(([name, value]) => (value ? [[name, value]] : []))
  return `#/${view}${given.length === 0 ? '' : `?${new URLSearchParams(given)}`}`
}

/** @param {string} view @param {Readonly<Record<string, string | undefined>>} [parameters] */
export function goTo(view, parameters) {
  location.hash = linkTo(view, parameters)
}
