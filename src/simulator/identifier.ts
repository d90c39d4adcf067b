/**
 * What may stand as conversation or participant id: 1–128 of `A-Za-z0-9_-`. Genesys uses UUIDs; the wider set
 * lets examples and tests have readable ids.
 */
export const identifierPattern = /^[A-Za-z0-9_-]{1,128}$/
