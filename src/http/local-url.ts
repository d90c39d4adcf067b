/** The URL of a server that listens on this host and port, for a program on the same machine. */
export function localUrl({
  host,
  port,
  isSecure,
}: {
  readonly host: string
  readonly port: number
  readonly isSecure: boolean
}): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `${isSecure ? 'https' : 'http'}://${name.includes(':') ? `[${name}]` : name}:${port}`
}
