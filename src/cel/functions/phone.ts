import { createRequire } from 'node:module'
import type { CountryCode, PhoneNumber } from 'libphonenumber-js/min'
import type { Budget } from '../budget.ts'
import type { FunctionDefinition } from './definition.ts'

/** In characters; a longer address is not a phone number. */
export const maxAddressLength = 100

/**
 * The smallest set of numbering plans: it has the lengths, area codes and countries of all numbers. The larger sets add the
 * kinds of numbers (mobile, toll-free), which this service does not need; countries are the same.
 */
const load = (): typeof import('libphonenumber-js/min') =>
  createRequire(import.meta.url)('libphonenumber-js/min')

/**
 * `e164(text, region?)` and `countryOf(text, region?)`. A value that is not a phone number gives "", not a failure. The library
 * (9 MB) is loaded for the first expression that calls one of them.
 */
export function createPhoneFunctions(budget: Budget): readonly FunctionDefinition[] {
  let loaded: ReturnType<typeof load> | undefined
  const library = () => {
    loaded ??= load()
    return loaded
  }
  const isRegion = (region: string): region is CountryCode =>
    library().isSupportedCountry(region as CountryCode)

  function readNumber(address: string, region: string | undefined): PhoneNumber | undefined {
    budget.spend(100)
    if (address.length > maxAddressLength) return undefined
    const written = numberPart(address)
    const national = region !== undefined && isRegion(region) ? { defaultCountry: region } : {}
    const number = library().parsePhoneNumberFromString(written, { ...national, extract: false })
    if (number === undefined) return undefined
    // An international number may be in a range that is newer than these numbering plans. A national number must be in a known
    // range: otherwise an extension such as 1234 would be valid.
    return (written.startsWith('+') ? number.isPossible() : number.isValid()) ? number : undefined
  }

  const check: FunctionDefinition['check'] = ([, region]) => {
    library()
    if (region === undefined || isRegion(region)) return undefined
    const message = `there is no country ${JSON.stringify(region)}: use its two capital letters (ISO 3166), such as "US"`
    return { argument: 1, message }
  }
  const e164 = (address: string, region?: string) => readNumber(address, region)?.number ?? ''
  const countryOf = (address: string, region?: string) => readNumber(address, region)?.country ?? ''
  return [
    { signature: 'e164(string): string', check, evaluate: e164 },
    { signature: 'e164(string, string): string', check, evaluate: e164 },
    { signature: 'countryOf(string): string', check, evaluate: countryOf },
    { signature: 'countryOf(string, string): string', check, evaluate: countryOf },
  ]
}

/** `tel:+1-317-555-0100;ext=5`, `sip:+13175550100@host:5060;user=phone` → the part between the scheme and `;` or `@`. */
function numberPart(address: string): string {
  const [, scheme = '', rest = ''] = /^\s*(?:(tel|sips?|callto):)?([^;]*)/i.exec(address) ?? []
  const user = /^sips?$/i.test(scheme) ? (rest.split('@', 1)[0] ?? '') : rest
  return user.replace(/^%2b/i, '+').trim()
}
