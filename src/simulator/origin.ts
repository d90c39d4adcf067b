import type { AddressInfo } from 'node:net'

/**
 * The URL under which this machine reaches a server that listens there. A server on every address (`0.0.0.0`,
 * `::`) is named by its loopback address, since the wildcard is no address to call.
 */
export function originOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string')
    throw new TypeError('The server does not listen on TCP.')
  if (address.family !== 'IPv6') {
    return `http://${address.address === '0.0.0.0' ? '127.0.0.1' : address.address}:${address.port}`
  }
  return `http://[${address.address === '::' ? '::1' : address.address}]:${address.port}`
}
