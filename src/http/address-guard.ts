import { BlockList, isIP, type LookupFunction } from 'node:net'

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

/** IPv4 addresses in IPv6: mapped (RFC 4291), which Node.js itself compares with IPv4 networks, and NAT64 (RFC 6052). */
const mappedPrefix = '::ffff:'
const nat64Prefix = '64:ff9b::'

/** Returns a check that an address is public: not of this machine, a private network or a cloud's internal services. */
export function createAddressGuard(): (address: string) => boolean {
  const refused = new BlockList()
  const embedded = new BlockList()
  const global = new BlockList()
  global.addSubnet('2000::', 3, 'ipv6')
  for (const prefix of [mappedPrefix, nat64Prefix]) embedded.addSubnet(`${prefix}0.0.0.0`, 96, 'ipv6')
  for (const [network, bits] of blocksOfIpv4) {
    refused.addSubnet(network, bits, 'ipv4')
    refused.addSubnet(`${nat64Prefix}${network}`, 96 + bits, 'ipv6')
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
