import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { TestContext } from 'node:test'
import type { Simulator } from '../../src/simulator/simulator.ts'

/** A plain HTTP server for behaviour that the simulator does not have. Closes after the test. */
export async function serve(t: TestContext, listener: RequestListener) {
  const server = createServer(listener)
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return { server, url: `http://127.0.0.1:${address.port}` }
}

const isTokenRequest = ({ path }: { path: string }): boolean => path === '/oauth/token'

export const tokenRequests = (simulator: Simulator) => simulator.calls().filter(isTokenRequest)

export const apiCalls = (simulator: Simulator) => simulator.calls().filter((call) => !isTokenRequest(call))

export const tokenPath = { match: { path: '/oauth/token' } }
export const apiPath = { match: { path: '/api/*' } }
