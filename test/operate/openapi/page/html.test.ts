import assert from 'node:assert/strict'
import { test } from 'node:test'
import { html, joined, prose } from '../../../../src/operate/openapi/page/html.ts'

const hostile = `<script>alert("1" & '2')</script>`
const harmless = '&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;'

test('what is filled in is escaped, in text and in attributes', () => {
  assert.equal(html`<p title="${hostile}">${hostile}</p>`.html, `<p title="${harmless}">${harmless}</p>`)
})

test('HTML that is filled in stays HTML', () => {
  const items = ['a', '<b>'].map((text) => html`<li>${text}</li>`)
  assert.equal(html`<ul>${items}</ul>${html`<hr>`}`.html, '<ul><li>a</li><li>&lt;b&gt;</li></ul><hr>')
})

test('numbers are written, and what is absent is not', () => {
  assert.equal(html`${1}${undefined}${0}`.html, '10')
})

test('a separator is text', () => {
  assert.equal(joined([html`<b>1</b>`, html`2`], ' < ').html, '<b>1</b> &lt; 2')
})

test('a description is text with `code` in it', () => {
  assert.equal(prose(`see \`${hostile}\`, <b>`).html, `see <code>${harmless}</code>, &lt;b&gt;`)
  assert.equal(prose().html, '')
})
