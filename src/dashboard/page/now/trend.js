/** @import { Sample } from '../../answer-types.ts' */

/**
 * @typedef {{
 *   direction: 'growing' | 'steady' | 'falling',
 *   lows: readonly number[],
 *   perMinute: number,
 *   stopped: boolean,
 *   rates?: { accepted: number, settled: number },
 * }} Trend `lows`: the lowest number of pending events in each minute, oldest first. `perMinute`: by how many events the lowest number
 * grows or falls in a minute. `stopped`: events waited for a whole minute without an API call, as in a pause or an outage, so the trend
 * says nothing about the rate budget. `rates`: events per minute, absent if they do not agree with the direction.
 */

/** Samples in a minute, the usual rate window. */
const windowSamples = 6
const mostWindows = 5
/** With fewer low points, chance alone often puts them in order. */
export const fewestMinutes = 4
/** The part of all pairs of low points that must agree on the direction. */
const agreeing = 0.8
/** A smaller change is no trend. */
const leastChange = 3

/**
 * Whether the number of pending events grows. The number rises while a rate window is used up and falls when the next one starts, so
 * only the low points of the windows are compared, and all of them, so that a burst in one window makes no trend. `alone`: no other
 * node takes or delivers events, so the counts of the samples are those of all events. Undefined: there are too few samples.
 * @param {readonly Sample[]} samples @param {boolean} alone
 * @returns {Trend | undefined}
 */
export function trendOf(samples, alone) {
  const windows = windowsOf(samples)
  const lows = windows.map(lowOf).filter((low) => low !== undefined)
  if (lows.length < Math.max(fewestMinutes, windows.length)) return undefined
  const changes = pairsOf(lows.map(({ pending }) => pending))
  const change = medianOf(changes.map(({ from, to, distance }) => (to - from) / distance))
  const balance = changes.reduce((sum, { from, to }) => sum + Math.sign(to - from), 0) / changes.length
  const isTrend =
    Math.abs(balance) >= agreeing && Math.abs(change) * (lows.length - 1) > noiseOf(windows.flat())
  const direction = isTrend ? (change > 0 ? 'growing' : 'falling') : 'steady'
  const rates = alone ? ratesBetween(samples, lows.at(0)?.at, lows.at(-1)?.at) : undefined
  return {
    direction,
    lows: lows.map(({ pending }) => pending),
    perMinute: rounded(Math.abs(change)),
    stopped: windows.some((window) => window.every(({ pending, calls }) => calls === 0 && pending !== 0)),
    ...(rates && agrees(rates, direction) && { rates }),
  }
}

/** Whole minutes, both ends included: otherwise the low point could be between two of them. @param {readonly Sample[]} samples */
function windowsOf(samples) {
  const number = Math.min(mostWindows, Math.floor((samples.length - 1) / windowSamples))
  return Array.from({ length: number }, (_, index) => {
    const end = samples.length - (number - 1 - index) * windowSamples
    return samples.slice(end - windowSamples - 1, end)
  })
}

/** @param {readonly Sample[]} window @returns {{ at: string, pending: number } | undefined} */
function lowOf(window) {
  const known = window.flatMap(({ at, pending }) => (pending === null ? [] : [{ at, pending }]))
  return known.toSorted((one, other) => one.pending - other.pending)[0]
}

/** @param {readonly number[]} values */
const pairsOf = (values) =>
  values.flatMap((from, index) =>
    values.slice(index + 1).map((to, later) => ({ from, to, distance: later + 1 })),
  )

/**
 * How far the low points of a steady number can differ: the low point may be between two samples, so a sample is up to one step off.
 * @param {readonly Sample[]} samples
 */
function noiseOf(samples) {
  const steps = samples.slice(1).map(({ pending }, index) => (pending ?? 0) - (samples[index]?.pending ?? 0))
  return Math.max(leastChange, 1.5 * medianOf(steps.map(Math.abs)))
}

/**
 * @param {readonly Sample[]} samples @param {string | undefined} from @param {string | undefined} to
 * @returns {{ accepted: number, settled: number } | undefined}
 */
function ratesBetween(samples, from = '', to = '') {
  const minutes = (Date.parse(to) - Date.parse(from)) / 60_000
  if (!(minutes > 0)) return undefined
  const between = samples.filter(({ at }) => at > from && at <= to)
  const perMinute = (/** @type {(sample: Sample) => number} */ count) =>
    rounded(between.reduce((sum, sample) => sum + count(sample), 0) / minutes)
  return {
    accepted: perMinute(({ accepted }) => accepted),
    settled: perMinute(({ applied, unchanged, dead }) => applied + unchanged + dead),
  }
}

/** @param {{ accepted: number, settled: number }} rates @param {Trend['direction']} direction */
function agrees({ accepted, settled }, direction) {
  if (direction === 'growing') return accepted > settled
  if (direction === 'falling') return accepted < settled
  return Math.abs(accepted - settled) <= Math.max(1, 0.05 * accepted)
}

/** @param {readonly number[]} values */
function medianOf(values) {
  const sorted = values.toSorted((one, other) => one - other)
  const upper = Math.floor(sorted.length / 2)
  const lower = Math.ceil(sorted.length / 2) - 1
  return ((sorted[lower] ?? 0) + (sorted[upper] ?? 0)) / 2
}

/** A number below 10 keeps a decimal. @param {number} value */
const rounded = (value) => (value < 9.95 ? Math.round(value * 10) / 10 : Math.round(value))
