import { formatCount, formatDuration, plural } from '../core/format.js'

/** @import { Sample } from '../../answer-types.ts' */

/** Samples in 6 minutes: from the low point in the first one to that in the last one, it is about 5. */
const recentSamples = 36
/** Samples in a minute, the usual rate window. */
const windowSamples = 6
/** A smaller part of the events in the period is no trend. */
const steadyShare = 0.05
const steadyCount = 2

/**
 * Whether the number of pending events grows, as a sentence. The number rises while a rate window is used up and falls when the next
 * one starts, so it is compared between the low points of two windows. `alone`: no other node takes or delivers events, so the counts
 * of the samples are those of all events. Undefined: there are too few samples.
 * @param {readonly Sample[]} samples @param {boolean} alone
 */
export function trendOf(samples, alone) {
  const recent = samples.slice(-recentSamples)
  if (recent.length < 3 * windowSamples) return undefined
  const first = indexOfLow(recent.slice(0, windowSamples))
  const last = recent.length - windowSamples + indexOfLow(recent.slice(-windowSamples))
  const [start, end] = [recent[first], recent[last]]
  if (start === undefined || end === undefined || start.pending === null || end.pending === null)
    return undefined
  const between = recent.slice(first + 1, last + 1)
  const accepted = between.reduce((sum, sample) => sum + sample.accepted, 0)
  const settled = between.reduce((sum, { applied, unchanged, dead }) => sum + applied + unchanged + dead, 0)
  const periodMs = Date.parse(end.at) - Date.parse(start.at)
  const period = `In the last ${formatDuration(Math.round(periodMs / 60_000) * 60_000)}`
  if (!alone) {
    const direction = directionOf(end.pending - start.pending, Math.max(start.pending, end.pending))
    const numbers = `from ${formatCount(start.pending)} to ${formatCount(end.pending)}`
    return `${period}, the number went ${numbers}: it is ${direction}.`
  }
  const perMinute = (/** @type {number} */ count) => {
    const rate = (count * 60_000) / periodMs
    return Math.round(rate * (rate < 10 ? 10 : 1)) / (rate < 10 ? 10 : 1)
  }
  const direction = directionOf(accepted - settled, Math.max(accepted, settled))
  return `${period}, ${plural(perMinute(accepted), 'event')} a minute came and ${formatCount(perMinute(settled))} were settled: the number is ${direction}.`
}

/** @param {readonly Sample[]} samples */
function indexOfLow(samples) {
  const values = samples.map(({ pending }) => pending ?? Number.POSITIVE_INFINITY)
  return values.indexOf(Math.min(...values))
}

/** @param {number} change @param {number} of */
function directionOf(change, of) {
  if (Math.abs(change) <= Math.max(steadyCount, steadyShare * of)) return 'steady'
  return change > 0 ? 'growing' : 'falling'
}
