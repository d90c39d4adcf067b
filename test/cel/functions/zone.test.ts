import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createZone, units } from '../../../src/cel/functions/zone.ts'

const names = [
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'UTC',
]
const moments = fc.integer({ min: Date.UTC(1960, 0), max: Date.UTC(2040, 0) })

test('property: the cached local time of a minute equals a new computation', () => {
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.array(moments, { maxLength: 5 }), (name, times) => {
      const zone = createZone(name)
      for (const time of times) {
        for (const near of [time, time + 1, time + 59_999, time]) {
          const { startOf, ...local } = zone(near)
          const { startOf: startAnew, ...anew } = createZone(name)(near)
          assert.deepEqual(local, anew)
          for (const unit of units) assert.equal(startOf(unit), startAnew(unit))
        }
      }
    }),
  )
})

test('property: startOf gives the first moment of a day, week or month', () => {
  fc.assert(
    fc.property(fc.constantFrom(...names), moments, (name, moment) => {
      const zone = createZone(name)
      const day = zone(moment).startOf('day')
      assert.ok(day <= moment && moment - day < 25.5 * 3_600_000)
      assert.equal(zone(day).date, zone(moment).date)
      assert.notEqual(zone(day - 1).date, zone(moment).date)
      assert.equal(zone(zone(moment).startOf('week')).weekday, 1)
      assert.equal(zone(zone(moment).startOf('month')).day, 1)
    }),
  )
})

test('property: local times agree with Intl', () => {
  fc.assert(
    fc.property(fc.constantFrom(...names), moments, (timeZone, moment) => {
      const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
      const { date, time } = createZone(timeZone)(moment)
      assert.equal(`${date} ${time}`, format.format(moment))
    }),
  )
})
