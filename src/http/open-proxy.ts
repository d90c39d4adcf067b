import type { OutgoingProxy, ProxySettings } from './outgoing-proxy.ts'

/** Undefined: direct connections. The implementation is loaded here, because most installations have no proxy. */
export async function openProxy(settings: ProxySettings | undefined): Promise<OutgoingProxy | undefined> {
  if (settings === undefined) return undefined
  const { createProxy } = await import('./proxy.ts')
  return createProxy(settings)
}
