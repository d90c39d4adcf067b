import { prepareService } from '../../src/embed/prepare-service.ts'
import type { Owner } from './folder.ts'
import { type RunningService, runningService } from './process.ts'

export interface InProcessService extends RunningService {
  stop(): Promise<void>
}

/**
 * Starts the service in the process of the test, because a process of its own takes a second of CPU to load. For tests without
 * signals and exit codes. `OTEL_*` and `AWS_*` settings need `setProcessVariables`, too.
 */
export async function startInProcess(
  t: Owner,
  environment: Readonly<Record<string, string>>,
): Promise<InProcessService> {
  const lines: string[] = []
  const { service } = await prepareService({
    environment: { SHUTDOWN_GRACE_MS: '1000', ...environment },
    log: { write: (line) => lines.push(line) },
  })
  t.after(() => service.stop())
  const { url } = await service.start()
  return { ...runningService(url, () => lines.join('')), stop: service.stop }
}
