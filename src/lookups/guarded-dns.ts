import type { LookupFunction } from 'node:net'

/** The code of a connection that was not made because of where it would lead. */
export const addressRefused = 'ERR_ADDRESS_REFUSED'

/**
 * Resolves names like `resolve`, but refuses a name that leads to an address that is not allowed. Node.js connects to the
 * very addresses that this hands out, so a name that changes its address after a check (DNS rebinding) gains nothing.
 */
export const guardDns =
  (resolve: LookupFunction, isAllowed: (address: string) => boolean): LookupFunction =>
  (hostname, options, callback) =>
    resolve(hostname, options, (error, found, family) => {
      if (error) return callback(error, found, family)
      const addresses = typeof found === 'string' ? [found] : found.map(({ address }) => address)
      // One that is not allowed among others is refused with them: which one gets connected to is not ours to say.
      if (addresses.length > 0 && addresses.every(isAllowed)) return callback(null, found, family)
      return callback(
        Object.assign(new Error('the name leads to a private address'), { code: addressRefused }),
        [],
      )
    })
