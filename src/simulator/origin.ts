import type { AddressInfo } from 'node:net'

/**
 * The URL of a listening server on this machine. A server on all addresses (`0.0.0.0`,
 * `::`) gets its loopback address, because clients cannot connect to the wildcard.
 */
export function originOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string')
    throw new TypeError('The server does not listen on TCP.')
  if (address.family !== 'IPv6') {
    return `http://${address.address === '0.0.0.0' ? '127.0.0.1' : address.address}:${address.port}`
  }
  return `http://[${address.address === '::' ? '::1' : address.address}]:${address.port}`
}
