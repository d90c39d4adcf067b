import { html } from 'htm/preact'
import { useEffect } from 'preact/hooks'
import { Controls } from './controls/controls.js'
import { follow } from './core/live.js'
import { route } from './core/route.js'
import { token } from './core/session.js'
import { DeadLetters } from './dead-letters/dead-letters.js'
import { Events } from './events/events.js'
import { ConnectionBar } from './frame/connection-bar.js'
import { Header } from './frame/header.js'
import { SignIn } from './frame/sign-in.js'
import { Now } from './now/now.js'
import { Rules } from './rules/rules.js'

/** The views by their name in the URL, in the order of the navigation. */
const views = [
  { name: 'now', title: 'Now', View: Now },
  { name: 'events', title: 'Events', View: Events },
  { name: 'dead-letters', title: 'Dead letters', View: DeadLetters },
  { name: 'rules', title: 'Rules', View: Rules },
  { name: 'controls', title: 'Controls', View: Controls },
]

export const App = () => (token.value === '' ? html`<${SignIn} />` : html`<${SignedIn} />`)

function SignedIn() {
  useEffect(follow, [])
  const current = views.find(({ name }) => name === route.value.view) ?? views[0]
  useEffect(() => {
    document.title = `${current?.title} – genesys-enricher`
  }, [current])
  return html`
    <a class="skip" href="#main" onClick=${focusMain}>Skip to content</a>
    <${Header} views=${views} current=${current?.name} />
    <${ConnectionBar} />
    <main id="main" tabindex="-1">
      <h1>${current?.title}</h1>
      ${current && html`<${current.View} key=${current.name} />`}
    </main>
  `
}

/** The part of the URL after `#` names the view, so the browser must not follow this link. @param {Event} event */
function focusMain(event) {
  event.preventDefault()
  document.getElementById('main')?.focus()
}
