/**
 * The URL of a server, to which callers append paths: normalised, without slashes at its end. Undefined if it is not an http
 * or https URL, or has a user, password, query or fragment. An empty query or fragment (`https://x?`) counts too: `URL` does
 * not report it, but keeps its character.
 */
export function readBaseUrl(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || /[?#]/.test(text)) return undefined
  if (url.username !== '' || url.password !== '') return undefined
  return url.href.replace(/\/+$/, '')
}
