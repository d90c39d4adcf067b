import type { TestEvent } from 'node:test/reporters'

export interface Counts {
  tests: number
  passed: number
  cancelled: number
  skipped: number
  todo: number
}

/** A reporter of `node --test` that writes only the `Counts` of the run, as JSON. */
export default async function* countTests(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events)
    if (event.type === 'test:summary' && event.data.file === undefined)
      yield JSON.stringify(event.data.counts satisfies Counts)
}
