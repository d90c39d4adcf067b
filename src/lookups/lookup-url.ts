import { isIP } from 'node:net'
import { createAddressGuard } from './address-guard.ts'

const place = '{key}'
/** Stands for the key while a URL is looked at; goes through the URL parser unchanged. */
const sample = 'the-key-of-the-lookup'
/** A key becomes part of a URL; the limits of servers begin at 2,000 characters. */
const longestKey = 500

/** What is wrong with the URL of a lookup, in plain words; undefined: nothing. */
export function checkLookupUrl(template: string, allowPrivate: boolean): string | undefined {
  if (template.split(place).length !== 2) return 'must hold {key} once: that is where the key goes'
  const written = template.replace(place, sample)
  if (!URL.canParse(written)) return 'is no URL such as https://crm.example.com/customers/{key}'
  const { protocol, username, password, hostname, host, pathname, search, hash } = new URL(written)
  if (protocol !== 'https:' && protocol !== 'http:') return 'must begin with https://'
  if (protocol === 'http:' && !allowPrivate)
    return 'must begin with https://: http is for addresses of your own network, with allowPrivate: true'
  if (username !== '' || password !== '') return 'must not hold a user or password: send them as a header'
  if (host.includes(sample)) return 'must not hold {key} in its host: put it into the path or the query'
  if (hash !== '') return 'must not hold #'
  if (!`${pathname}${search}`.includes(sample)) return 'must hold {key} in its path or query'
  if (!allowPrivate && leadsToPrivate(hostname))
    return 'leads to a private or local address: say allowPrivate: true if that is meant'
  return undefined
}

function leadsToPrivate(hostname: string): boolean {
  if (/(^|\.)localhost\.?$/.test(hostname)) return true
  // The parser has put every way to write an address into its common form: 2130706433, 0x7f.1, [::ffff:127.0.0.1].
  const address = hostname.replace(/^\[(.*)\]$/, '$1')
  return isIP(address) !== 0 && !createAddressGuard()(address)
}

/**
 * The URL for a key, percent-encoded. undefined for a key that cannot be asked for: empty, longer than 500 characters, no
 * valid Unicode, or one that would change the path (`..`).
 */
export function createLookupUrl(template: string): (key: string) => string | undefined {
  const [before = '', after = ''] = new URL(template.replace(place, sample)).href.split(sample)
  return (key) => {
    if (key === '' || key.length > longestKey || !key.isWellFormed()) return undefined
    const url = `${before}${encode(key)}${after}`
    return new URL(url).href === url ? url : undefined
  }
}

/** encodeURIComponent leaves some characters of RFC 3986 as they are that the URL parser would encode in a query. */
const encode = (key: string): string =>
  encodeURIComponent(key).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
