import { isIP } from 'node:net'
import { createAddressGuard } from '../http/address-guard.ts'
import { withoutBrackets } from '../http/host.ts'

const placeholder = '{key}'
/** Replaces the key while the URL is checked. The URL parser does not change it. */
const sample = 'the-key-of-the-lookup'
/** In characters. Servers limit URLs to 2,000 characters or more. */
const maxKeyLength = 500

/** The message for an invalid URL of a lookup; undefined if it is valid. */
export function checkLookupUrl(template: string, allowPrivate: boolean): string | undefined {
  if (template.split(placeholder).length !== 2) return 'must contain {key} exactly once'
  const written = template.replace(placeholder, sample)
  if (!URL.canParse(written)) return 'is not a URL such as https://crm.example.com/customers/{key}'
  const { protocol, username, password, hostname, host, pathname, search, hash } = new URL(written)
  if (protocol !== 'https:' && protocol !== 'http:') return 'must begin with https://'
  if (protocol === 'http:' && !allowPrivate)
    return 'must begin with https://: http requires allowPrivate: true'
  if (username !== '' || password !== '') return 'must not contain a user or password: send them as a header'
  if (host.includes(sample)) return 'must not contain {key} in its host: put it into the path or the query'
  if (hash !== '') return 'must not contain #'
  if (!`${pathname}${search}`.includes(sample)) return 'must contain {key} in its path or query'
  if (!allowPrivate && isPrivateHost(hostname))
    return 'has a private or local address: set allowPrivate: true to allow it'
  return undefined
}

function isPrivateHost(hostname: string): boolean {
  if (/(^|\.)localhost\.?$/.test(hostname)) return true
  // The URL parser normalises every notation of an address: 2130706433, 0x7f.1, [::ffff:127.0.0.1].
  const address = withoutBrackets(hostname)
  return isIP(address) !== 0 && !createAddressGuard()(address)
}

/**
 * Returns the URL of a key, percent-encoded. undefined for a key without a URL: empty, longer than 500 characters, invalid
 * Unicode, or one that would change the path (`..`).
 */
export function createLookupUrl(template: string): (key: string) => string | undefined {
  const [before = '', after = ''] = new URL(template.replace(placeholder, sample)).href.split(sample)
  return (key) => {
    if (key === '' || key.length > maxKeyLength || !key.isWellFormed()) return undefined
    const url = `${before}${encode(key)}${after}`
    return new URL(url).href === url ? url : undefined
  }
}

/** Also encodes the characters that encodeURIComponent does not encode but the URL parser would encode in a query. */
const encode = (key: string): string =>
  encodeURIComponent(key).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
