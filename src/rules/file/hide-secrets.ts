import { isScalar, parseDocument } from 'yaml'
import { isObject } from '../../values/json.ts'
import { nodeAt, type Path } from './yaml-positions.ts'

/** Passes the checks of a URL of an HTTP lookup. */
const hiddenUrl = '"https://hidden.example/{key}"'
const hiddenHeader = '"hidden"'

/**
 * The text of a valid rules file without the URLs and header values of its HTTP lookups, which may contain credentials. Everything else
 * stays as it is, so that the text is still a valid rules file.
 */
export function hideSecrets(text: string): string {
  const document = parseDocument(text, { logLevel: 'error', stringKeys: true })
  const file: unknown = document.toJS()
  const lookups = isObject(file) && isObject(file.lookups) ? Object.entries(file.lookups) : []
  const hidden = new Map<number, { readonly end: number; readonly by: string }>()
  const hide = (path: Path, by: string): void => {
    const node = nodeAt(document, path)
    if (!isScalar(node) || !node.range) return
    const [start, end] = node.range
    hidden.set(start, { end, by: text.slice(start, end).endsWith('\n') ? `${by}\n` : by })
  }
  for (const [name, lookup] of lookups) {
    if (!isObject(lookup) || !('url' in lookup)) continue
    hide(['lookups', name, 'url'], hiddenUrl)
    const headers = isObject(lookup.headers) ? Object.keys(lookup.headers) : []
    for (const header of headers) hide(['lookups', name, 'headers', header], hiddenHeader)
  }
  return [...hidden]
    .toSorted(([one], [other]) => other - one)
    .reduce((shown, [start, { end, by }]) => shown.slice(0, start) + by + shown.slice(end), text)
}
