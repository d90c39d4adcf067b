import Bottleneck from 'bottleneck'
import { begin, retryAfterMs } from './contender.ts'

// Bottleneck as in its README: reservoir refresh for the window, `failed` listener for the retry.
const { task, patch } = await begin()

class RateLimited extends Error {
  readonly retryAfterMs: number
  constructor(milliseconds: number) {
    super('429')
    this.retryAfterMs = milliseconds
  }
}

const limiter = new Bottleneck({
  maxConcurrent: 10,
  reservoir: task.allowed,
  reservoirRefreshAmount: task.allowed,
  reservoirRefreshInterval: task.windowMs,
})
limiter.on('failed', (error, { retryCount }) =>
  error instanceof RateLimited && retryCount < 5 ? error.retryAfterMs : undefined,
)

await Promise.allSettled(
  Array.from({ length: task.updates }, (_, index) =>
    limiter.schedule(async () => {
      const answer = await patch(index)
      if (answer.status === 429) throw new RateLimited(retryAfterMs(answer))
    }),
  ),
)
await limiter.disconnect()
process.exit(0)
