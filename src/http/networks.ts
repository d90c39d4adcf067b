import { BlockList, isIP, isIPv4 } from 'node:net'

/**
 * Whether the text is an address or a network in CIDR notation (`10.0.0.0/8`, `2001:db8::/32`). `/0` is refused, because it
 * would match every address.
 */
export function isAddressOrNetwork(text: string): boolean {
  const [address = '', length, ...more] = text.split('/')
  if (isIP(address) === 0 || address.includes('%') || more.length > 0) return false
  if (length === undefined) return true
  return /^[1-9]\d{0,2}$/.test(length) && Number(length) <= (isIPv4(address) ? 32 : 128)
}

/**
 * Returns whether an address is in one of the networks. Without networks everything is allowed, even text that is no address;
 * with networks, such text is refused.
 */
export function createAddressFilter(networks: readonly string[]): (address: string) => boolean {
  if (networks.length === 0) return () => true
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', length] = network.split('/')
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    if (length === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(length), family)
  }
  // BlockList matches an IPv4-mapped address (::ffff:10.0.0.1) against IPv4 networks.
  return (address) => isIP(address) !== 0 && list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

/** Whether the text is an https URL, or an http URL of this machine, without user, password and fragment. */
export function isHttpsOrLoopback(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return false
  const isLoopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname)
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback)
}
