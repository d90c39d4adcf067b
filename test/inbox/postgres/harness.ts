/** The URL without its scheme, as the engine takes it. */
export const locationOf = (url: string): string => url.replace(/^postgres:/, '')
