import { createInterface } from 'node:readline/promises'
import { ConfigurationError } from '../../errors.ts'
import { CommandFailure } from '../command-failure.ts'
import { escapeControls } from '../output.ts'

/** Asks on the terminal before dead letters are deleted. Throws unless the operator answers yes. */
export async function confirmDrop(subject: string, json: boolean): Promise<void> {
  if (json || !process.stdin.isTTY || !process.stderr.isTTY)
    throw new ConfigurationError('Nothing is dropped', [
      '--yes is required where the command cannot ask: dropped events cannot be replayed',
    ])
  if (await confirm(`Drop ${subject}? Dropped events cannot be replayed.`)) return
  throw new CommandFailure({
    code: 'not_confirmed',
    message: 'Nothing is dropped: the answer was not yes.',
    remedy: 'Answer y to drop, or give --yes.',
  })
}

async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await lines.question(`${escapeControls(question)} [y/N] `)).trim())
  } finally {
    lines.close()
  }
}
