import { once } from 'node:events'
import { Command } from 'commander'
import { type Demo, type Effect, type StepResult, startDemo } from './demo/start-demo.ts'
import { conversations, type Step, steps } from './demo/steps.ts'
import { createTable } from './format.ts'
import { print, printStyled } from './output.ts'
import { progressOf } from './progress.ts'

export const demoCommand = (): Command =>
  new Command('demo')
    .description('send sample events through the real service to a built-in simulator; needs no credentials')
    .option('--keep', 'keep service and simulator running and print commands to try')
    .action(async ({ keep }: { keep?: true }) => {
      const demo = await startDemo()
      try {
        const asExpected = await showSteps(demo)
        if (keep && asExpected) await keepRunning(demo)
        if (!asExpected) process.exitCode = 1
      } finally {
        await demo.close()
      }
    })

const columns = [
  { title: 'Event', width: 30 },
  { title: 'Answer', width: 15 },
  { title: 'Rule', width: 20 },
  { title: 'PATCH', width: 17 },
  { title: 'Attributes after', width: 34 },
]

async function showSteps(demo: Demo): Promise<boolean> {
  print(
    `Service on ${demo.url}, Genesys Cloud simulator on ${demo.simulator.url}, rules from ${demo.rulesFile}\n\n`,
  )
  for (const conversation of conversations) demo.simulator.createConversation(conversation)
  const table = createTable(columns, process.stdout.isTTY)
  printStyled(table.header())
  const mismatches: string[] = []
  const progress = progressOf('requests sent')
  for (const [index, step] of steps.entries()) {
    progress.update(index, steps.length)
    const result = await demo.run(step).finally(progress.clear)
    printStyled(table.row(cells(step, result)))
    mismatches.push(...result.mismatches.map((mismatch) => `${step.title}: ${mismatch}`))
  }
  print(`\n${await budgetSummary(demo)}\n`)
  if (mismatches.length === 0) print(`All steps gave the expected result.\n`)
  else print(`Unexpected results:\n${mismatches.map((mismatch) => `  ${mismatch}\n`).join('')}`)
  return mismatches.length === 0
}

function cells(step: Step, { answer, effects }: StepResult): string[][] {
  const perEffect = (lines: (effect: Effect) => string[]): string[] => {
    const height = (effect: Effect) => Math.max(ruleLines(effect).length, attributeLines(effect).length, 1)
    return effects.flatMap((effect) => {
      const own = lines(effect)
      return [...own, ...Array.from({ length: height(effect) - own.length }, () => '')]
    })
  }
  return [
    [step.title, `  ${step.envelope}, ${step.sentBy}`],
    answer.split(', '),
    perEffect(ruleLines),
    perEffect(({ call, outcome }) => [call === undefined ? outcome : `${call.status} ${outcome}`]),
    perEffect(attributeLines),
  ]
}

const ruleLines = ({ rules }: Effect): string[] => (rules.length === 0 ? ['no rule matched'] : [...rules])
const attributeLines = ({ attributes }: Effect): string[] =>
  Object.entries(attributes).map(([name, value]) => `${name}=${value}`)

async function budgetSummary(demo: Demo): Promise<string> {
  const patches = demo.simulator.calls().filter(({ method }) => method === 'PATCH')
  const refused = patches.filter(({ status }) => status === 429).length
  const { allowed, remaining } = await demo.budget()
  return `Rate budget: ${patches.length} API calls for ${steps.length} webhook requests, ${refused} refused (429); ${remaining} of ${allowed} left in this window.`
}

async function keepRunning({ url, simulator, token, adminToken }: Demo): Promise<void> {
  const conversation = conversations[0]
  print(`
Still running. Open the dashboard: ${url}/dashboard
  Admin token: ${adminToken}
Try:
  curl -X POST ${url}/webhooks/genesys -H 'authorization: Bearer ${token}' -H 'content-type: application/json' \\
    -d '{"type":"conversation:updated","conversationId":"${conversation?.id}","participantId":"${conversation?.participants[0]?.id}","language":"de"}'
# the same body again is a duplicate: change the language
  curl ${simulator.url}/simulator/conversations/${conversation?.id}
  curl ${url}/health
# the operator commands; in a checkout, write "npm run -s cli --" for "genesys-enricher"
  export ADMIN_TOKEN=${adminToken}
  genesys-enricher events list --conversation ${conversation?.id} --url ${url}
  genesys-enricher delivery status --url ${url}
Stop with Ctrl+C.
`)
  // Process managers send SIGTERM.
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
}
