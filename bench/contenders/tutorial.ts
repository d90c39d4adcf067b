import { setTimeout as sleep } from 'node:timers/promises'
import { begin } from './contender.ts'

// The tutorial's loop: one call per event, 3 retries after 2, 4 and 8 s.
const { task, patch } = await begin()

async function update(index: number): Promise<void> {
  for (const waitMs of [2_000, 4_000, 8_000, 0]) {
    const answer = await patch(index)
    if (answer.status !== 429) return
    await sleep(waitMs)
  }
}

await Promise.all(Array.from({ length: task.updates }, (_, index) => update(index)))
