import { parseArgs } from 'node:util'
import { progressOf } from '../src/cli/progress.ts'
import { runFaults } from './support/fault-run.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '200' }, participants: { type: 'string', default: '200' } },
})
const rounds = Number(values.rounds)

process.stdout.write(
  `${rounds} SIGKILLs at random times under load, with outages, 429s, expired tokens, slow answers, resets, clock jumps\n`,
)
const progress = progressOf('kills')
const result = await runFaults({
  rounds,
  participants: Number(values.participants),
  onRound: (round) => progress.update(round, rounds),
}).finally(progress.clear)
const { faults, ...numbers } = result
for (const [name, number] of Object.entries(numbers)) process.stdout.write(`${name.padEnd(16)}${number}\n`)
process.stdout.write(
  `faults          ${Object.entries(faults)
    .map(([name, number]) => `${name} ×${number}`)
    .join(', ')}\n`,
)
if (result.lost > 0 || result.wrong > 0) {
  process.stdout.write('FAILED: lost and wrong must be 0\n')
  process.exitCode = 1
}
