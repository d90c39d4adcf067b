import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { CommanderError } from 'commander'
import { simulateCommand } from '../../src/cli/simulate.ts'
import { start } from './harness.ts'

const moduleUrl = new URL('../../src/cli/simulate.ts', import.meta.url).href
const script = `import { simulateCommand } from ${JSON.stringify(moduleUrl)}
await simulateCommand().parseAsync(process.argv.slice(1), { from: 'user' })`

function simulate(...args: string[]) {
  return spawn(process.execPath, ['--input-type=module', '-e', script, '--', ...args])
}

async function runToEnd(...args: string[]) {
  const child = simulate(...args)
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { stdout, stderr, code }
}

describe('as a process', { concurrency: true }, () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`it prints the environment of the service, serves, and exits 0 on ${signal}`, async (t) => {
      const child = simulate('--port', '0', '--client-id', 'me', '--client-secret', 'mine', '--lenient')
      t.after(() => child.kill('SIGKILL'))
      const [banner] = await once(child.stdout.setEncoding('utf8'), 'data')
      const url = /GENESYS_API_URL=(\S+)/.exec(banner)?.[1]
      assert.match(banner, new RegExp(`GENESYS_LOGIN_URL=${url}\n`))
      assert.match(banner, /GENESYS_CLIENT_ID=me\n.*GENESYS_CLIENT_SECRET=mine\n/)
      assert.equal((await fetch(`${url}/livez`)).status, 200)
      child.kill(signal)
      assert.deepEqual(await once(child, 'exit'), [0, null])
    })
  }

  test('a port in use prints one line: exit code 1', async (t) => {
    const { port } = new URL((await start(t)).url)
    const { stdout, stderr, code } = await runToEnd('--port', port)
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.equal(stderr, `error: port ${port} on 127.0.0.1 is in use: choose another with --port\n`)
  })
})

const invalidUsage: [args: string[], message: RegExp][] = [
  [['--port', 'abc'], /option '--port <number>' argument 'abc' is invalid/],
  [['--port', '65536'], /'65536' is invalid\. Must be a whole number, 0 to 65535/],
  [['--rate-limit', '0'], /--rate-limit/],
  [['--rate-window-ms', '1.5'], /--rate-window-ms/],
  [['--latency-ms', '-1'], /--latency-ms/],
  [['--window-phase-ms', 'soon'], /--window-phase-ms/],
  [['--window-phase-ms', '60000'], /--window-phase-ms.*less than --rate-window-ms/],
  [['--strict', '--lenient'], /--lenient.*cannot be used with.*--strict/],
]

for (const [args, message] of invalidUsage) {
  test(`the error for invalid usage names the option: ${args.join(' ')}`, async () => {
    let written = ''
    const command = simulateCommand()
      .exitOverride()
      .configureOutput({
        writeErr(line) {
          written += line
        },
      })
    await assert.rejects(command.parseAsync(args, { from: 'user' }), CommanderError)
    assert.match(written, message)
  })
}
