import { batch, computed, signal } from '@preact/signals'
import { request } from './api.js'
import { eventsIn } from './event-stream.js'
import { token } from './session.js'

/** @import { LiveMessages, Sample, Status } from '../../answer-types.ts' */

/** @type {import('@preact/signals').Signal<Status | undefined>} */
export const status = signal(undefined)

/** The last hour, oldest first. @type {import('@preact/signals').Signal<readonly Sample[]>} */
export const samples = signal([])

/** @type {import('@preact/signals').Signal<'connecting' | 'live' | 'stopping' | 'lost'>} */
export const connection = signal('connecting')

/** Whether the values are those of now. Otherwise they are the last known ones. */
export const isCurrent = computed(() => connection.value === 'live')

/** When the service started; a change means that it restarted. @type {import('@preact/signals').Signal<string | undefined>} */
export const startedAt = signal(undefined)

/** When the page saw that the service had restarted. @type {import('@preact/signals').Signal<string | undefined>} */
export const restartSeenAt = signal(undefined)

const maxSamples = 360
const firstRetryMs = 500
const longestRetryMs = 5_000
/** The service sends a status every second; a silent connection is lost. */
const longestSilenceMs = 10_000

/** @type {Readonly<Record<string, (data: any) => void>>} */
const handlers = {
  start: (/** @type {LiveMessages['start']} */ data) => {
    if (startedAt.value !== undefined && startedAt.value !== data.startedAt)
      restartSeenAt.value = data.startedAt
    startedAt.value = data.startedAt
    samples.value = data.samples
    connection.value = 'live'
  },
  status: (/** @type {Status} */ data) => {
    status.value = data
  },
  sample: (/** @type {Sample} */ data) => {
    samples.value = [...samples.value, data].slice(-maxSamples)
  },
  stopping: () => {
    connection.value = 'stopping'
  },
}

/** Follows the service until the returned function is called. Connects again whenever the connection ends. */
export function follow() {
  const ended = new AbortController()
  void (async () => {
    for (let failures = 0; !ended.signal.aborted && token.value !== ''; failures += 1) {
      if (await readStream(ended.signal)) failures = 0
      if (ended.signal.aborted || token.value === '') break
      connection.value = connection.value === 'stopping' && failures === 0 ? 'stopping' : 'lost'
      await pause(Math.min(longestRetryMs, firstRetryMs * 2 ** failures), ended.signal)
    }
  })()
  return () => {
    ended.abort()
    batch(() => {
      status.value = undefined
      samples.value = []
      connection.value = 'connecting'
      startedAt.value = undefined
      restartSeenAt.value = undefined
    })
  }
}

/** Resolves with whether it received anything, when the stream has ended. @param {AbortSignal} ended */
async function readStream(ended) {
  const silent = new AbortController()
  let timer = setTimeout(() => silent.abort(), longestSilenceMs)
  let received = false
  try {
    const { body } = await request('admin/live', { signal: AbortSignal.any([ended, silent.signal]) })
    if (body === null) return false
    for await (const { name, data } of eventsIn(body)) {
      received = true
      clearTimeout(timer)
      timer = setTimeout(() => silent.abort(), longestSilenceMs)
      batch(() => handlers[name]?.(JSON.parse(data)))
    }
  } catch {
    // The caller shows that the connection is lost, and tries again.
  } finally {
    clearTimeout(timer)
  }
  return received
}

/** @param {number} ms @param {AbortSignal} ended */
function pause(ms, ended) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    ended.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve(undefined)
    })
  })
}
