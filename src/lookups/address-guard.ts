import { BlockList, isIP } from 'node:net'

/** Not of the public Internet, or of a cloud's own services (IANA special-purpose registries, and Azure's wire server). */
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

/** Of the global unicast space 2000::/3; all outside of that space is no public address to begin with. */
const blocksOfIpv6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

/** IPv4 addresses that are written as IPv6: mapped (RFC 4291), and translated by NAT64 (RFC 6052). */
const carriersOfIpv4 = ['::ffff:', '64:ff9b::']

/** Whether an address is one of the public Internet, and so not of this machine, its networks or its cloud. */
export function createAddressGuard(): (address: string) => boolean {
  const refused = new BlockList()
  const carried = new BlockList()
  const global = new BlockList()
  global.addSubnet('2000::', 3, 'ipv6')
  for (const carrier of carriersOfIpv4) carried.addSubnet(`${carrier}0.0.0.0`, 96, 'ipv6')
  for (const [network, bits] of blocksOfIpv4) {
    refused.addSubnet(network, bits, 'ipv4')
    for (const carrier of carriersOfIpv4) refused.addSubnet(`${carrier}${network}`, 96 + bits, 'ipv6')
  }
  for (const [network, bits] of blocksOfIpv6) refused.addSubnet(network, bits, 'ipv6')
  return (address) => {
    switch (isIP(address)) {
      case 4:
        return !refused.check(address, 'ipv4')
      case 6:
        if (address.includes('%')) return false // a scope: link-local
        if (!global.check(address, 'ipv6') && !carried.check(address, 'ipv6')) return false
        return !refused.check(address, 'ipv6')
      default:
        return false
    }
  }
}
