import type { LookupFunction } from 'node:net'

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
