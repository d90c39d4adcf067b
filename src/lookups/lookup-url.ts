import { BlockList, isIP, type LookupFunction } from 'node:net'

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
  const address = hostname.replace(/^\[(.*)\]$/, '$1')
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

/** Non-public networks, from the IANA special-purpose registries, and the wire server of Azure. */
const blocksOfIpv4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]

/** Non-public networks within 2000::/3 (global unicast); no address outside of it is public. */
const blocksOfIpv6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

/** Prefixes of IPv6 addresses that contain an IPv4 address: mapped (RFC 4291) and NAT64 (RFC 6052). */
const ipv4Prefixes = ['::ffff:', '64:ff9b::']

/** Returns a check that an address is public: not of this machine, a private network or a cloud's internal services. */
export function createAddressGuard(): (address: string) => boolean {
  const refused = new BlockList()
  const embedded = new BlockList()
  const global = new BlockList()
  global.addSubnet('2000::', 3, 'ipv6')
  for (const prefix of ipv4Prefixes) embedded.addSubnet(`${prefix}0.0.0.0`, 96, 'ipv6')
  for (const [network, bits] of blocksOfIpv4) {
    refused.addSubnet(network, bits, 'ipv4')
    for (const prefix of ipv4Prefixes) refused.addSubnet(`${prefix}${network}`, 96 + bits, 'ipv6')
  }
  for (const [network, bits] of blocksOfIpv6) refused.addSubnet(network, bits, 'ipv6')
  return (address) => {
    switch (isIP(address)) {
      case 4:
        return !refused.check(address, 'ipv4')
      case 6:
        if (address.includes('%')) return false // a zone id: link-local
        if (!global.check(address, 'ipv6') && !embedded.check(address, 'ipv6')) return false
        return !refused.check(address, 'ipv6')
      default:
        return false
    }
  }
}

/** The error code of a refused connection to a private address. */
export const addressRefused = 'ERR_ADDRESS_REFUSED'

/**
 * Resolves names with `resolve`, and refuses a name with an address that is not allowed. Node.js connects to the returned
 * addresses without resolving again, so DNS rebinding (an address that changes after the check) does not work.
 */
export const guardDns =
  (resolve: LookupFunction, isAllowed: (address: string) => boolean): LookupFunction =>
  (hostname, options, callback) =>
    resolve(hostname, options, (error, found, family) => {
      if (error) return callback(error, found, family)
      const addresses = typeof found === 'string' ? [found] : found.map(({ address }) => address)
      // One address that is not allowed refuses the name: Node.js chooses the address to connect to.
      if (addresses.length > 0 && addresses.every(isAllowed)) return callback(null, found, family)
      return callback(
        Object.assign(new Error('the host name resolves to a private address'), { code: addressRefused }),
        [],
      )
    })
