import { parseArgs } from 'node:util'
import { runFaults } from './support/fault-run.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '200' }, participants: { type: 'string', default: '200' } },
})
const rounds = Number(values.rounds)

process.stdout.write(
  `${rounds} SIGKILLs at random times under load, with outages, 429s, expired tokens, slow answers, resets, clock jumps\n`,
)
const result = await runFaults({
  rounds,
  participants: Number(values.participants),
  onRound: (round, accepted) => {
    if (round % 20 === 0) process.stdout.write(`  after ${round} kills: ${accepted} events accepted\n`)
  },
})
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
