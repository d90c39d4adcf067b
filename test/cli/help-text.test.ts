import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import type { Command } from 'commander'
import { deadLettersCommand } from '../../src/cli/dead-letters.ts'
import { deliveryCommand } from '../../src/cli/delivery.ts'
import { doctorCommand } from '../../src/cli/doctor.ts'
import { eventsCommand } from '../../src/cli/events.ts'
import { patchCommand } from '../../src/cli/patch.ts'
import { storeCommand } from '../../src/cli/store.ts'

/** The help as `--help` prints it. */
function helpOf(command: Command): string {
  const parts: string[] = []
  command.configureOutput({ writeOut: (part) => void parts.push(part) })
  command.outputHelp()
  return parts.join('')
}

const operatorCommands = (): readonly Command[] => [
  ...[eventsCommand(), deadLettersCommand(), deliveryCommand(), storeCommand()].flatMap(
    ({ commands }) => commands,
  ),
  patchCommand(),
  doctorCommand(),
]

test('the help of each operator command has examples, exit codes and an existing page', () => {
  const commands = operatorCommands()
  assert.equal(commands.length, 12)
  for (const command of commands) {
    const help = helpOf(command)
    assert.match(help, /\nExamples:\n {2}genesys-enricher \S+/, command.name())
    assert.match(help, /\nExit codes: 0 done, 1 the work failed, 2 wrong usage/, command.name())
    const [, page = ''] = /\nMore: (docs\/operations\/\S+)/.exec(help) ?? []
    assert.ok(existsSync(new URL(`../../${page}`, import.meta.url)), `${command.name()}: ${page}`)
  }
})

test('the help says which options exclude each other, and quotes no number', () => {
  const [replay, patch] = ['replay', 'patch'].map((name) =>
    operatorCommands().find((command) => command.name() === name),
  )
  assert.ok(replay !== undefined && patch !== undefined)
  assert.match(helpOf(replay).replaceAll(/\s+/g, ' '), /either ids, or at least one of --code/)
  assert.match(
    helpOf(patch).replaceAll(/\s+/g, ' '),
    /exactly one of --participant, --external-id and --purpose/,
  )
  assert.match(helpOf(patch), /\(default: 60\)/)
})
