// The smallest set of numbering plans: it has the lengths, area codes and countries of all numbers. The larger sets add the
// kinds of numbers (mobile, toll-free), which this service does not need; countries are the same.
import {
  type CountryCode,
  isSupportedCountry,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/min'
import type { Budget } from '../budget.ts'
import type { FunctionDefinition } from './definition.ts'

/** In characters; a longer address is not a phone number. */
export const maxAddressLength = 100

/** `e164(text, region?)` and `countryOf(text, region?)`. A value that is not a phone number gives "", not a failure. */
export function createPhoneFunctions(budget: Budget): readonly FunctionDefinition[] {
  const e164 = (address: string, region?: string): string => {
    budget.spend(100)
    return readNumber(address, region)?.number ?? ''
  }
  const countryOf = (address: string, region?: string): string => {
    budget.spend(100)
    return readNumber(address, region)?.country ?? ''
  }
  const checkRegion = { check: ([, region]: readonly (string | undefined)[]) => problemOfRegion(region) }
  return [
    { signature: 'e164(string): string', evaluate: (address: string) => e164(address) },
    { signature: 'e164(string, string): string', ...checkRegion, evaluate: e164 },
    { signature: 'countryOf(string): string', evaluate: (address: string) => countryOf(address) },
    { signature: 'countryOf(string, string): string', ...checkRegion, evaluate: countryOf },
  ]
}

const isRegion = (region: string): region is CountryCode => isSupportedCountry(region as CountryCode)

const problemOfRegion = (region: string | undefined) =>
  region === undefined || isRegion(region)
    ? undefined
    : {
        argument: 1,
        message: `there is no region ${JSON.stringify(region)}: use the two capital letters of a country (ISO 3166), such as "US"`,
      }

function readNumber(address: string, region: string | undefined): PhoneNumber | undefined {
  if (address.length > maxAddressLength) return undefined
  const written = numberPart(address)
  const national = region !== undefined && isRegion(region) ? { defaultCountry: region } : {}
  const number = parsePhoneNumberFromString(written, { ...national, extract: false })
  if (number === undefined) return undefined
  // An international number may be in a range that is newer than these numbering plans. A national number must be in a known
  // range: otherwise an extension such as 1234 would be valid.
  return (written.startsWith('+') ? number.isPossible() : number.isValid()) ? number : undefined
}

/** `tel:+1-317-555-0100;ext=5`, `sip:+13175550100@host:5060;user=phone` → the part between the scheme and `;` or `@`. */
function numberPart(address: string): string {
  const [, scheme = '', rest = ''] = /^\s*(?:(tel|sips?|callto):)?([^;]*)/i.exec(address) ?? []
  const user = /^sips?$/i.test(scheme) ? (rest.split('@', 1)[0] ?? '') : rest
  return user.replace(/^%2b/i, '+').trim()
}
