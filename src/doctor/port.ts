import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Config } from '../config/config.ts'
import { systemCodeOf } from '../errors.ts'
import type { CheckResult } from './check-result.ts'
import type { ServiceProbe } from './probe-service.ts'

/** Whether a start could open HOST and PORT. `probe`: the answer of a service there. */
export async function checkPort(
  { host, port, tls }: Config['http'],
  probe: ServiceProbe | undefined,
): Promise<CheckResult> {
  const check = 'port'
  if (port === 0) return { check, result: 'ok', finding: 'PORT=0: the service takes any free port' }
  if (probe?.kind === 'service')
    return { check, result: 'ok', finding: `port ${port} is used by the running service` }
  const code = await tryToListen(host, port)
  if (code === undefined) return { check, result: 'ok', finding: `port ${port} on ${host} is free` }
  if (code === 'EADDRINUSE' && tls?.clientCaFile !== undefined)
    return {
      check,
      result: 'warning',
      finding: `port ${port} is in use; with TLS_CLIENT_CA_FILE this command cannot ask by which program`,
      remedy: 'If it is not the running service: stop that program, or set another PORT.',
    }
  return { check, result: 'failed', ...describe(code, host, port, probe) }
}

function describe(
  code: string,
  host: string,
  port: number,
  probe: ServiceProbe | undefined,
): Pick<CheckResult, 'finding' | 'remedy'> {
  if (code === 'EADDRINUSE')
    return {
      finding: `port ${port} on ${host} is in use by another program${probe?.kind === 'no_service' ? ` (/health: ${probe.cause})` : ''}`,
      remedy:
        'Stop that program, or set another PORT. If that program is the service, it does not respond: restart it.',
    }
  if (code === 'EACCES')
    return {
      finding: `this user may not open port ${port}`,
      remedy: 'Set a PORT of 1024 or above, and let a proxy or the container forward to it.',
    }
  return {
    finding: `cannot listen on ${host}, port ${port} (${code})`,
    remedy: 'Set HOST to an address of this machine, or to 0.0.0.0 for all of them.',
  }
}

/** The code of the error; undefined if it works. Closes the port at once. */
async function tryToListen(host: string, port: number): Promise<string | undefined> {
  const server = createServer()
  try {
    server.listen({ host, port })
    await once(server, 'listening')
    return undefined
  } catch (error) {
    return systemCodeOf(error, 'unknown')
  } finally {
    server.close()
  }
}
