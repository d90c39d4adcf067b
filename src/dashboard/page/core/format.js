const wholeNumber = new Intl.NumberFormat('en')
const timeOfDay = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const dayAndTime = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})

/** @param {number} value */
export const formatCount = (value) => wholeNumber.format(value)

/** @param {number} number @param {string} one @param {string} [many] */
export const plural = (number, one, many = `${one}s`) => `${formatCount(number)} ${number === 1 ? one : many}`

/** @param {number | null | undefined} ms */
export function formatDuration(ms) {
  if (ms === null || ms === undefined) return '–'
  if (ms < 1_000) return `${Math.round(ms)} ms`
  const seconds = ms / 1_000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 120) return `${Math.round(seconds)} s`
  const minutes = seconds / 60
  if (minutes < 120) return `${Math.round(minutes)} min`
  const hours = minutes / 60
  return hours < 48 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`
}

/** A time in the zone of the reader, with the date unless it is today. @param {string} iso */
export function formatTime(iso) {
  const time = new Date(iso)
  const today = time.toDateString() === new Date().toDateString()
  return (today ? timeOfDay : dayAndTime).format(time)
}

/** As `formatTime`, with milliseconds. @param {string} iso */
export const formatExactTime = (iso) => `${formatTime(iso)}.${iso.slice(20, 23)}`

/** The zone of the reader, such as `GMT+1`. */
export const timeZone = () =>
  new Intl.DateTimeFormat('en', { timeZoneName: 'short' })
    .formatToParts()
    .find(({ type }) => type === 'timeZoneName')?.value ?? ''

/** @param {string} iso */
export const formatUtc = (iso) => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`

/** Shortens a text in the middle of a line; the whole text must stay reachable. @param {string} text @param {number} [length] */
export const shorten = (text, length = 60) => (text.length <= length ? text : `${text.slice(0, length - 1)}…`)

/** Shortens an id in the middle, because ids often differ only at one end. @param {string} id @param {number} [length] */
export function shortenId(id, length = 40) {
  if (id.length <= length) return id
  const end = Math.floor((length - 1) / 2)
  return `${id.slice(0, length - 1 - end)}…${id.slice(-end)}`
}

/** A whole number of days, hours or minutes, in words for a setting. @param {number} ms */
export function formatSetting(ms) {
  for (const [unit, word] of /** @type {const} */ ([
    [86_400_000, 'day'],
    [3_600_000, 'hour'],
    [60_000, 'minute'],
  ]))
    if (ms >= unit && ms % unit === 0) return plural(ms / unit, word)
  return formatDuration(ms)
}
