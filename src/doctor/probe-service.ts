import { z } from 'zod'
import { readBody } from '../genesys/classify.ts'
import { createHttp, type HttpAnswer, type HttpResult } from '../http/client.ts'

/** The part of `/health` that every version has. */
const healthBody = z.object({
  status: z.string(),
  version: z.string(),
  checks: z.record(
    z.string(),
    z.object({
      ok: z.boolean(),
      reason: z.string().optional(),
      cause: z.string().optional(),
      remedy: z.string().optional(),
      /** Of the check `nodes`. */
      seen: z.int().optional(),
      delivers: z.string().optional(),
    }),
  ),
})

const probeBody = z.object({ reasons: z.array(z.string()).optional() })

export type ServiceProbe =
  /** `cause`: a code of the system, or a status. */
  | { readonly kind: 'no_service'; readonly cause: string }
  | {
      readonly kind: 'service'
      readonly health: z.output<typeof healthBody>
      /** The reasons of a probe that fails; undefined if it succeeds. */
      readonly livez: readonly string[] | undefined
      readonly readyz: readonly string[] | undefined
    }

const timeoutMs = 5_000

/** Asks the probes of the service at this URL. They need no credentials and never call Genesys Cloud. */
export async function probeService(url: string): Promise<ServiceProbe> {
  const { http, close } = createHttp({ timeoutMs, maxSockets: 1, acceptAnyCertificate: true })
  const get = (path: string) => http({ method: 'GET', url: `${url}${path}`, headers: {} })
  try {
    const result = await get('/health')
    if (result.kind === 'failed') return { kind: 'no_service', cause: result.detail }
    const health = readBody(healthBody, result.answer.body)
    if (health === undefined)
      return { kind: 'no_service', cause: `status ${result.answer.status}, not from genesys-enricher` }
    const livez = reasonsOf(await get('/livez'))
    const readyz = reasonsOf(await get('/readyz'))
    return { kind: 'service', health, livez, readyz }
  } finally {
    close()
  }
}

function reasonsOf(result: HttpResult): readonly string[] | undefined {
  if (result.kind === 'failed') return [result.detail]
  const { status, body }: HttpAnswer = result.answer
  if (status === 200) return undefined
  return readBody(probeBody, body)?.reasons ?? [`status ${status}`]
}
