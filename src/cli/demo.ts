import { once } from 'node:events'
import { Command } from 'commander'
import { type Effect, type Played, play } from './demo/play.ts'
import { openStage, type Stage } from './demo/stage.ts'
import { conversations, type Step, steps } from './demo/steps.ts'
import { createTable } from './demo/table.ts'

export const demoCommand = (): Command =>
  new Command('demo')
    .description('show the whole way of events: built-in simulator, real service, no credentials')
    .option('--keep', 'leave both running and print their URLs')
    .action(async ({ keep }: { keep?: true }) => {
      const stage = await openStage()
      try {
        const fine = await show(stage)
        if (keep && fine) await keepRunning(stage)
        if (!fine) process.exitCode = 1
      } finally {
        await stage.close()
      }
    })

const print = (text: string): void => {
  process.stdout.write(text)
}

const columns = [
  { title: 'Event', width: 30 },
  { title: 'Answer', width: 15 },
  { title: 'Rule', width: 20 },
  { title: 'PATCH', width: 17 },
  { title: 'Attributes after', width: 34 },
]

async function show(stage: Stage): Promise<boolean> {
  print(
    `Service on ${stage.url}, Genesys Cloud simulator on ${stage.simulator.url}, rules from ${stage.rulesFile}\n\n`,
  )
  for (const conversation of conversations) stage.simulator.createConversation(conversation)
  const table = createTable(columns, process.stdout.isTTY)
  print(table.header())
  const surprises: string[] = []
  for (const step of steps) {
    const played = await play(step, stage)
    print(table.row(cells(step, played)))
    surprises.push(...played.surprises.map((surprise) => `${step.story}: ${surprise}`))
  }
  print(`\n${await budgetLine(stage)}\n`)
  if (surprises.length === 0) print(`Everything came out as expected.\n`)
  else print(`Not as expected:\n${surprises.map((surprise) => `  ${surprise}\n`).join('')}`)
  return surprises.length === 0
}

function cells(step: Step, { answer, effects }: Played): string[][] {
  const perEffect = (lines: (effect: Effect) => string[]): string[] => {
    const height = (effect: Effect) => Math.max(ruleLines(effect).length, attributeLines(effect).length, 1)
    return effects.flatMap((effect) => {
      const own = lines(effect)
      return [...own, ...Array.from({ length: height(effect) - own.length }, () => '')]
    })
  }
  return [
    [step.story, `  ${step.envelope}, ${step.sentBy}`],
    answer.split(', '),
    perEffect(ruleLines),
    perEffect(({ call, outcome }) => [call === undefined ? outcome : `${call.status} ${outcome}`]),
    perEffect(attributeLines),
  ]
}

const ruleLines = ({ rules }: Effect): string[] => (rules.length === 0 ? ['no rule matched'] : [...rules])
const attributeLines = ({ attributes }: Effect): string[] =>
  Object.entries(attributes).map(([name, value]) => `${name}=${value}`)

async function budgetLine(stage: Stage): Promise<string> {
  const patches = stage.simulator.calls().filter(({ method }) => method === 'PATCH')
  const refused = patches.filter(({ status }) => status === 429).length
  const { allowed, remaining } = await stage.budget()
  return `Rate budget: ${patches.length} calls for ${steps.length} requests, ${refused} refused (429); ${remaining} of ${allowed} left in this window.`
}

async function keepRunning({ url, simulator, token, adminToken }: Stage): Promise<void> {
  const conversation = conversations[0]
  print(`
Still running. Try:
  curl -X POST ${url}/webhooks/genesys -H 'authorization: Bearer ${token}' -H 'content-type: application/json' \\
    -d '{"type":"conversation:updated","conversationId":"${conversation?.id}","participantId":"${conversation?.participants[0]?.id}","language":"de"}'
  # the very same body again is a duplicate: try another language
  curl ${simulator.url}/simulator/conversations/${conversation?.id}
  curl ${url}/admin/status -H 'authorization: Bearer ${adminToken}'
  curl ${url}/health
Stop with Ctrl+C.
`)
  // Also SIGTERM: the demo may run under a process manager.
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
}
