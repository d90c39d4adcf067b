import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { setUp } from '../helpers/process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('regression: SIGTERM to `npm start` did not drain and left the service running without its parent', async (t) => {
  const { environment } = await setUp(t)
  const npm = spawn('npm', ['start'], {
    cwd: root,
    env: { ...environment, HOME: process.env.HOME },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const output = createInterface({ input: npm.stdout }).on('line', (line) => lines.push(line))
  while (!lines.some((line) => line.includes('"msg":"listening"'))) await once(output, 'line')
  npm.kill('SIGTERM')
  const [code] = await once(npm, 'exit')
  assert.equal(code, 0, lines.join('\n'))
  assert.ok(
    lines.some((line) => line.includes('"msg":"stopped"')),
    lines.join('\n'),
  )
})
