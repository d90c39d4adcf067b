import { DateTime, IANAZone } from 'luxon'
import { suggest } from '../../values/suggest.ts'

/** A moment as clocks in one zone show it. */
export interface LocalTime {
  /** `2026-01-05` */
  readonly date: string
  /** `09:30` */
  readonly time: string
  /** 1 is Monday, 7 Sunday. */
  readonly weekday: number
  readonly year: number
  /** From 1. */
  readonly month: number
  /** From 1. */
  readonly day: number
  /** From 1. */
  readonly dayOfYear: number
  readonly hour: number
  readonly minute: number
  /** The beginning of its hour, day …, in epoch milliseconds. */
  startOf(unit: Unit): number
}

export const units = ['hour', 'day', 'week', 'month'] as const
export type Unit = (typeof units)[number]

/** Local time of moments in epoch milliseconds. */
export type Zone = (moment: number) => LocalTime

const minuteMs = 60_000
/** Since then every zone is whole minutes off UTC (Liberia was the last), and changes at a whole minute. */
const wholeMinutesSince = Date.UTC(1973, 0)
const maxRemembered = 100

/** The zone of a known name. It remembers the last minutes it was asked for: events come at about the present time. */
export function createZone(name: string): Zone {
  const zone = IANAZone.create(name)
  const remembered = new Map<number, LocalTime>()
  return (moment) => {
    if (!(moment >= wholeMinutesSince)) return localTime(moment, zone)
    const minute = Math.floor(moment / minuteMs)
    const known = remembered.get(minute)
    if (known !== undefined) return known
    if (remembered.size === maxRemembered) remembered.clear()
    const local = localTime(minute * minuteMs, zone)
    remembered.set(minute, local)
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
    dayOfYear: local.ordinal,
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
 * Why a name cannot stand for a zone. Abbreviations are known to the system but refused: EST never changes to daylight
 * saving time, which is hardly meant.
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
