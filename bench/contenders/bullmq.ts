import { Queue, Worker } from 'bullmq'
import { begin, retryAfterMs } from './contender.ts'

// BullMQ as in its documentation: a limiter on the worker, manual rate limiting on a 429.
const { task, patch } = await begin()
const connection = { url: String(process.env.REDIS_URL) }
const queue = new Queue<number>('updates', { connection })

const worker = new Worker<number>(
  'updates',
  async ({ data }) => {
    const answer = await patch(data)
    if (answer.status !== 429) return
    await worker.rateLimit(retryAfterMs(answer))
    throw Worker.RateLimitError()
  },
  { connection, concurrency: 10, limiter: { max: task.allowed, duration: task.windowMs }, autorun: false },
)
let completed = 0
const drained = new Promise<void>((resolve) => {
  worker.on('completed', () => {
    completed += 1
    if (completed === task.updates) resolve()
  })
})

await queue.addBulk(Array.from({ length: task.updates }, (_, index) => ({ name: 'update', data: index })))
void worker.run()
await drained
await worker.close()
await queue.close()
