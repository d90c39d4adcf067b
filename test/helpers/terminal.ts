import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { Owner } from './folder.ts'
import { main, programEnvironment } from './program.ts'

/** `script` of util-linux runs a command on a terminal. */
const hasScript = spawnSync('script', ['--version']).stdout?.includes('util-linux') === true

/** For the `skip` of tests that need a terminal. */
export const skipWithoutTerminal =
  hasScript || process.env.CI === 'true' ? false : 'script (util-linux) is not installed'

/** Runs the program on a terminal, where standard output and error are one. Ends it after the test. */
export function startOnTerminal(t: Owner, args: string, env: Readonly<Record<string, string>>) {
  const command = `'${process.execPath}' '${main}' ${args}`
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: { ...programEnvironment, ...env, SHELL: '/bin/sh' },
  })
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  return {
    output: () => output,
    type: (text: string) => child.stdin.write(text),
    /** Resolves with the exit code. */
    ended: once(child, 'exit').then(([code]) => code as number | null),
  }
}
