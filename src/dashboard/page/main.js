import { html, render } from 'htm/preact'
import { App } from './app.js'

const place = document.getElementById('app')
if (place !== null) render(html`<${App} />`, place)
