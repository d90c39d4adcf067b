import { type ErrorEntry, errorCatalogue } from '../errors.ts'

/** What the catalogue says about a code that a service sent; undefined if the code is of another version. */
export const errorEntry = (code: string): ErrorEntry | undefined =>
  Object.entries<ErrorEntry>(errorCatalogue).find(([name]) => name === code)?.[1]
