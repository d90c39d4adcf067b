import { html } from 'htm/preact'
import { formatCount } from '../core/format.js'
import { status } from '../core/live.js'
import { linkTo } from '../core/route.js'
import { signOut } from '../core/session.js'

/** @param {{ views: readonly { name: string, title: string }[], current: string }} properties */
export function Header({ views, current }) {
  const dead = status.value?.status?.inbox.dead ?? 0
  return html`<header>
    <span class="product">genesys-enricher <span class="note">${status.value?.health.version}</span></span>
    <nav aria-label="Views">
      ${views.map(
        ({ name, title }) =>
          html`<a href=${linkTo(name)} aria-current=${name === current ? 'page' : undefined}>
            ${title}${name === 'dead-letters' && dead > 0 ? html` <span class="count">${formatCount(dead)}</span>` : ''}
          </a>`,
      )}
    </nav>
    <button type="button" class="quiet" onClick=${() => signOut()}>Sign out</button>
  </header>`
}
