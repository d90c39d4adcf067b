import { DateTime, IANAZone } from 'luxon'
import { suggest } from '../../values/messages.ts'

/** The local date and time of a moment in one zone. Months, days, weekdays (Monday) and days of the year count from 1. */
export interface LocalTime
  extends Pick<DateTime, 'year' | 'month' | 'day' | 'weekday' | 'ordinal' | 'hour' | 'minute'> {
  /** `2026-01-05` */
  readonly date: string
  /** `09:30` */
  readonly time: string
  /** The start of the hour, day … that contains the moment, in epoch milliseconds. */
  startOf(unit: Unit): number
}

export const units = ['hour', 'day', 'week', 'month'] as const
export type Unit = (typeof units)[number]

export type Zone = (moment: number) => LocalTime

const minuteMs = 60_000
/** From here on, the offset of every zone is in whole minutes (Liberia was the last), and changes on a whole minute. */
const wholeMinutesSince = Date.UTC(1973, 0)
const maxCached = 100

/** Caches the local time of recent minutes, because most events are from about now. `name`: a valid zone. */
export function createZone(name: string): Zone {
  const zone = IANAZone.create(name)
  const cached = new Map<number, LocalTime>()
  return (moment) => {
    if (!(moment >= wholeMinutesSince)) return localTime(moment, zone)
    const minute = Math.floor(moment / minuteMs)
    const known = cached.get(minute)
    if (known !== undefined) return known
    if (cached.size === maxCached) cached.clear()
    const local = localTime(minute * minuteMs, zone)
    cached.set(minute, local)
    return local
  }
}

function localTime(moment: number, zone: IANAZone): LocalTime {
  const local = DateTime.fromMillis(moment, { zone })
  const starts = new Map<Unit, number>()
  return {
    date: local.toFormat('yyyy-MM-dd'),
    time: local.toFormat('HH:mm'),
    weekday: local.weekday,
    year: local.year,
    month: local.month,
    day: local.day,
    ordinal: local.ordinal,
    hour: local.hour,
    minute: local.minute,
    startOf: (unit) => {
      const start = starts.get(unit) ?? local.startOf(unit).toMillis()
      starts.set(unit, start)
      return start
    },
  }
}

/**
 * The message for an invalid zone name; undefined if it is valid. Abbreviations are refused: the system knows EST, but as a
 * zone without daylight saving time, which few authors intend.
 */
export function problemOfZone(name: string): string | undefined {
  if ((name.includes('/') || name === 'UTC') && IANAZone.isValidZone(name)) return undefined
  const meant = suggest(name, Intl.supportedValuesOf('timeZone'))
  const hint =
    meant === undefined
      ? 'use a name such as "Europe/Berlin" or "UTC"'
      : `did you mean ${JSON.stringify(meant)}?`
  return `there is no time zone ${JSON.stringify(name)}: ${hint}`
}
