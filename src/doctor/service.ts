import type { CheckResult } from './check-result.ts'
import type { ServiceProbe } from './probe-service.ts'

/** What the probes of a running service report. `asked`: the operator named the URL, so a service should answer. */
export function checkService(
  probe: ServiceProbe,
  { url, asked }: { readonly url: string; readonly asked: boolean },
): readonly CheckResult[] {
  const check = 'service'
  if (probe.kind === 'no_service')
    return [
      asked
        ? {
            check,
            result: 'warning',
            finding: `no service answers at ${url} (${probe.cause})`,
            remedy: 'Start the service, or correct --url.',
          }
        : { check, result: 'skipped', finding: `no service answers at ${url} (${probe.cause})` },
    ]
  const { livez, readyz, health } = probe
  const failures = [
    ...failedProbe('/livez', livez, 'Restart the service, and report the problem with its log.'),
    ...failedProbe(
      '/readyz',
      readyz,
      'Until it is fixed, the service refuses events; senders must send them again.',
    ),
    ...failedParts(health.checks, readyz ?? []),
  ]
  if (failures.length > 0) return failures
  return [
    {
      check,
      result: 'ok',
      finding: `${url}: version ${health.version}, /livez and /readyz answer 200, /health is ${health.status}${describeNodes(health.checks)}`,
    },
  ]
}

const failedProbe = (
  path: string,
  reasons: readonly string[] | undefined,
  remedy: string,
): readonly CheckResult[] =>
  reasons === undefined
    ? []
    : [{ check: 'service', result: 'failed', finding: `${path} fails: ${reasons.join('; ')}`, remedy }]

type HealthChecks = (ServiceProbe & { readonly kind: 'service' })['health']['checks']

const describeNodes = ({ nodes }: HealthChecks): string =>
  nodes?.seen === undefined ? '' : `; ${nodes.seen} nodes, of which ${nodes.delivers} delivers`

/** The failing parts of `/health`, without those that `/readyz` has reported. A part with a reason may still work. */
const failedParts = (checks: HealthChecks, reported: readonly string[]): readonly CheckResult[] =>
  Object.entries(checks).flatMap(([name, { ok, reason, cause, remedy }]): readonly CheckResult[] => {
    if (reason === undefined ? ok : reported.includes(`${name}: ${reason}`)) return []
    const why = [reason ?? 'fails', ...(cause === undefined ? [] : [`(${cause})`])].join(' ')
    return [
      {
        check: 'service',
        result: ok ? 'warning' : 'failed',
        finding: `/health, ${name}: ${why}`,
        remedy: remedy ?? 'docs/operations/probes.md describes each part of /health.',
      },
    ]
  })
