import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Outcome } from './connection.ts'
import type { FuzzRequest } from './request.ts'

/** A request that was answered wrongly: the first of its kind. */
export interface Failure {
  readonly number: number
  readonly kind: string
  readonly wrong: string
  /** The bytes that were sent, for the like of `nc`. */
  readonly file: string
  readonly sent: string
  readonly answered: string
  times: number
}

export interface Failures {
  add(number: number, request: FuzzRequest, outcome: Outcome, wrong: readonly string[]): void
  list(): readonly Failure[]
}

const mostShown = 600

/** Keeps the first request of each sort of failure, and how many there were. */
export function createFailures(seed: number): Failures {
  const byWords = new Map<string, Failure>()
  return {
    add: (number, request, outcome, wrong) => {
      const words = `${request.kind}: ${wrong.join('; ')}`
      const known = byWords.get(words)
      if (known !== undefined) {
        known.times += 1
        return
      }
      const bytes = Buffer.concat(request.pieces)
      const file = join(tmpdir(), `genesys-enricher-fuzz-${seed}-${number}.bin`)
      writeFileSync(file, bytes)
      const answered = outcome.answers
        .map(({ status, body }) => `${status} ${body.toString('utf8', 0, mostShown)}`)
        .join('\n')
      const sent = JSON.stringify(bytes.toString('latin1', 0, mostShown))
      byWords.set(words, {
        number,
        kind: request.kind,
        wrong: wrong.join('; '),
        file,
        sent,
        answered,
        times: 1,
      })
    },
    list: () => [...byWords.values()],
  }
}
