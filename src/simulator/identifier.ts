/**
 * Conversation and participant ids. Genesys uses UUIDs; the wider pattern lets examples and tests use readable
 * ids.
 */
export const identifierPattern = /^[A-Za-z0-9_-]{1,128}$/
