import { html, render } from 'htm/preact'
import { App } from './app.js'

const place = document.getElementById('app')
if (place !== null) {
  place.replaceChildren() // the words that a slow machine shows while it loads the modules
  render(html`<${App} />`, place)
}
