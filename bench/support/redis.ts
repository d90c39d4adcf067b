import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { type Owner, temporaryFolder } from '../../test/helpers/folder.ts'

/** Whether redis-server is installed. */
export const hasRedis = (): boolean => spawnSync('redis-server', ['--version']).status === 0

/** Starts an in-memory Redis on a free port and stops it with its owner. */
export async function startRedis(owner: Owner): Promise<string> {
  const port = await freePort()
  const folder = await temporaryFolder(owner)
  const options = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder]
  const server = spawn('redis-server', options.map(String), { stdio: ['ignore', 'pipe', 'inherit'] })
  owner.after(async () => {
    server.kill('SIGTERM')
    await once(server, 'exit')
  })
  for await (const line of createInterface({ input: server.stdout })) {
    if (line.includes('Ready to accept connections')) break
  }
  server.stdout.resume()
  return `redis://127.0.0.1:${port}`
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
