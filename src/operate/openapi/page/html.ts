/** Text that is HTML already. */
export interface Html {
  readonly html: string
}

type Part = Html | string | number | readonly Html[] | undefined

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')

function written(part: Part): string {
  if (part === undefined) return ''
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part))
  return 'html' in part ? part.html : part.map(({ html }) => html).join('')
}

/** HTML from a template; what is filled in is escaped, unless it is HTML already. */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  html: texts.reduce((before, text, index) => `${before}${written(parts[index - 1])}${text}`),
})

/** HTML with a separator between its parts. */
export const joined = (parts: readonly Html[], separator: string): Html => ({
  html: parts.map(({ html }) => html).join(escaped(separator)),
})

/** A description: plain text with `code` in it. */
export const prose = (text = ''): Html => ({
  html: escaped(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>'),
})
