import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Outcome } from './connection.ts'
import type { FuzzRequest } from './request.ts'

/** The first request with a certain failure. */
export interface Failure {
  readonly number: number
  readonly kind: string
  readonly wrong: string
  /** File with the sent bytes, for tools such as `nc`. */
  readonly file: string
  readonly sent: string
  readonly answered: string
  times: number
}

export interface Failures {
  add(number: number, request: FuzzRequest, outcome: Outcome, wrong: readonly string[]): void
  list(): readonly Failure[]
}

const maxShown = 600

/** Keeps the first request of each failure, and the number of repetitions. */
export function createFailures(seed: number): Failures {
  const byMessage = new Map<string, Failure>()
  return {
    add: (number, request, outcome, wrong) => {
      const message = `${request.kind}: ${wrong.join('; ')}`
      const known = byMessage.get(message)
      if (known !== undefined) {
        known.times += 1
        return
      }
      const bytes = Buffer.concat(request.pieces)
      const file = join(tmpdir(), `genesys-enricher-fuzz-${seed}-${number}.bin`)
      writeFileSync(file, bytes)
      const answered = outcome.answers
        .map(({ status, body }) => `${status} ${body.toString('utf8', 0, maxShown)}`)
        .join('\n')
      const sent = JSON.stringify(bytes.toString('latin1', 0, maxShown))
      byMessage.set(message, {
        number,
        kind: request.kind,
        wrong: wrong.join('; '),
        file,
        sent,
        answered,
        times: 1,
      })
    },
    list: () => [...byMessage.values()],
  }
}
