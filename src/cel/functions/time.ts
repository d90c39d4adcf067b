import type { Budget } from '../budget.ts'
import { ExpressionFailure } from '../expression-errors.ts'
import type { FunctionDefinition } from './definition.ts'
import { createZone, type LocalTime, problemOfZone, type Unit, units, type Zone } from './zone.ts'

const time = 'google.protobuf.Timestamp'
const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** The CEL getters that take a zone. As in CEL, months, days of the month and days of the year start at 0. */
const getters: Readonly<Record<string, (local: LocalTime, moment: Date) => number>> = {
  getFullYear: ({ year }) => year,
  getMonth: ({ month }) => month - 1,
  getDate: ({ day }) => day,
  getDayOfMonth: ({ day }) => day - 1,
  getDayOfWeek: ({ weekday }) => weekday % 7,
  getDayOfYear: ({ ordinal }) => ordinal - 1,
  getHours: ({ hour }) => hour,
  getMinutes: ({ minute }) => minute,
  // The offset of a zone from UTC is in whole minutes.
  getSeconds: (_, moment) => moment.getUTCSeconds(),
  getMilliseconds: (_, moment) => moment.getUTCMilliseconds(),
}

const texts: Readonly<Record<string, (local: LocalTime) => string | undefined>> = {
  timeOfDay: ({ time }) => time,
  dateOf: ({ date }) => date,
  weekday: ({ weekday }) => weekdays[weekday - 1],
}

/** `startOf`, `timeOfDay`, `dateOf`, `weekday`, and the CEL getters that take a zone. Zones are created when the rules are loaded. */
export function createTimeFunctions(budget: Budget): readonly FunctionDefinition[] {
  const zones = new Map<string, Zone>()
  const inZone = (argument: number): Pick<FunctionDefinition, 'quoted' | 'check'> => ({
    quoted: [argument],
    check: (texts) => {
      const name = texts[argument] ?? ''
      const message = problemOfZone(name)
      if (message !== undefined) return { argument, message }
      if (!zones.has(name)) zones.set(name, createZone(name))
      return undefined
    },
  })
  const local = (moment: Date, zoneName: string): LocalTime => {
    budget.spend(50)
    const zone = zones.get(zoneName)
    if (zone === undefined) throw new Error('the time zone was not created')
    const shown = zone(moment.getTime())
    // An invalid time, or one so far in the future that it has no date in this zone.
    if (Number.isNaN(shown.year)) throw new ExpressionFailure('invalid_timestamp')
    return shown
  }
  const zoned = inZone(2)
  return [
    {
      signature: `startOf(${time}, string, string): ${time}`,
      quoted: [1, 2],
      check: (texts) => {
        const unit = texts[1] ?? ''
        return isUnit(unit)
          ? zoned.check?.(texts)
          : {
              argument: 1,
              message: `there is no unit ${JSON.stringify(unit)}: use "hour", "day", "week" or "month"`,
            }
      },
      evaluate: (moment: Date, unit: Unit, zone: string) => new Date(local(moment, zone).startOf(unit)),
    },
    ...Object.entries(texts).map(
      ([name, read]): FunctionDefinition => ({
        signature: `${name}(${time}, string): string`,
        ...inZone(1),
        evaluate: (moment: Date, zone: string) => read(local(moment, zone)),
      }),
    ),
    // Standard CEL has this function, the library does not.
    {
      signature: `string(${time}): string`,
      evaluate: (moment: Date) => valid(moment).toISOString(),
    },
    // The getters of the library take 40 µs, and are wrong when the time zone of the server skips an hour.
    ...Object.entries(getters).map(
      ([name, read]): FunctionDefinition => ({
        signature: `_${name}(${time}, string): int`,
        insteadOf: `${time}.${name}(string)`,
        ...inZone(0),
        evaluate: (moment: Date, zone: string) => BigInt(read(local(moment, zone), moment)),
      }),
    ),
    {
      signature: `_getDayOfYear(${time}): int`,
      insteadOf: `${time}.getDayOfYear()`,
      evaluate: (moment: Date) => BigInt(dayOfYear(valid(moment))),
    },
  ]
}

function valid(moment: Date): Date {
  if (Number.isNaN(moment.getTime())) throw new ExpressionFailure('invalid_timestamp')
  return moment
}

const dayOfYear = (moment: Date): number =>
  (Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth(), moment.getUTCDate()) -
    Date.UTC(moment.getUTCFullYear(), 0, 1)) /
  86_400_000

const isUnit = (unit: string): unit is Unit => (units as readonly string[]).includes(unit)
