import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { conversationEvent } from '../../helpers/events.ts'
import { compiled, evaluated, mistakeOf } from '../../helpers/expressions.ts'
import { rounds } from '../../helpers/rounds.ts'

const written = (address: string, region?: string): string =>
  `${JSON.stringify(address)}${region === undefined ? '' : `, "${region}"`}`

for (const [address, region, number, country] of [
  ['tel:+13175550100', undefined, '+13175550100', 'US'],
  ['tel:+1 (317) 555-0100', undefined, '+13175550100', 'US'],
  ['TEL:+1-317-555-0100', undefined, '+13175550100', 'US'],
  ['tel:+13175550100;ext=12', undefined, '+13175550100', 'US'],
  ['+13175550100;phone-context=example.com', undefined, '+13175550100', 'US'],
  ['+1 317 555 0100 ext. 12', undefined, '+13175550100', 'US'],
  ['sip:+13175550100@example.com', undefined, '+13175550100', 'US'],
  ['sip:+13175550100@example.com:5060;user=phone', undefined, '+13175550100', 'US'],
  ['sip:+13175550100;user=phone@example.com', undefined, '+13175550100', 'US'],
  ['sips:%2B13175550100@example.com', undefined, '+13175550100', 'US'],
  ['  +13175550100 ', undefined, '+13175550100', 'US'],
  ['+14165550100', undefined, '+14165550100', 'CA'],
  ['+12423651234', undefined, '+12423651234', 'BS'],
  ['+441534888888', undefined, '+441534888888', 'JE'],
  ['+4930901820', 'US', '+4930901820', 'DE'],
  ['+77172123456', undefined, '+77172123456', 'KZ'],
  ['+390236618300', undefined, '+390236618300', 'IT'],
  // A freephone number without a country; a number in an unknown range.
  ['+80012345678', undefined, '+80012345678', ''],
  ['+447700900123', undefined, '+447700900123', ''],
  // National numbers
  ['(317) 555-0100', 'US', '+13175550100', 'US'],
  ['1 317 555 0100', 'US', '+13175550100', 'US'],
  ['030 901820', 'DE', '+4930901820', 'DE'],
  ['0049 30 901820', 'DE', '+4930901820', 'DE'],
  ['tel:030-901820', 'DE', '+4930901820', 'DE'],
  ['٠٣٠٩٠١٨٢٠', 'DE', '+4930901820', 'DE'],
  ['(317) 555-0100', undefined, '', ''],
  // No numbers
  ['', undefined, '', ''],
  ['1234', 'US', '', ''],
  ['911', 'US', '', ''],
  ['anonymous', 'US', '', ''],
  ['sip:alice@example.com', 'US', '', ''],
  ['sip:1234@10.0.0.1', 'US', '', ''],
  ['call me at +13175550100', undefined, '', ''],
  ['+1317', undefined, '', ''],
  ['+999123456789', undefined, '', ''],
  ['+', undefined, '', ''],
  [`+1317555010${'0'.repeat(200)}`, undefined, '', ''],
  ['ann@example.com', 'US', '', ''],
] as const) {
  test(`${address.slice(0, 60)} ${region ? `in ${region} ` : ''}is ${number || 'no number'} of ${country || 'no country'}`, () => {
    assert.equal(evaluated(`e164(${written(address, region)})`), number)
    assert.equal(evaluated(`countryOf(${written(address, region)})`), country)
  })
}

test('an unknown region is a mistake if it is quoted, and gives no number if it is data', () => {
  for (const region of ['USA', 'us', 'XX', '', '1', 'constructor']) {
    for (const name of ['e164', 'countryOf']) {
      const source = `${name}(participant.address, "${region}")`
      const { message, offset } = mistakeOf(source)
      assert.match(message, /^there is no country .* such as "US"$/)
      assert.equal(source[offset], '"')
    }
    const event = conversationEvent({ body: { region, number: '(317) 555-0100' } })
    assert.equal(evaluated('e164(event.body.number, event.body.region)', { event }), '')
  }
})

test('property: e164() gives a number or "" for any text, and keeps an E.164 number', () => {
  const expression = compiled('e164(event.id, "US") + "|" + e164(e164(event.id, "US"))')
  assert.equal(expression.type, 'string')
  const address = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'+0123456789 ()-.;@:x#*telsip=%/'), maxLength: 120 }),
    fc.string({ unit: 'binary', maxLength: 120 }),
    fc.stringMatching(/^\+1[2-9][0-9]{9}$/),
  )
  fc.assert(
    fc.property(address, (address) => {
      const event = conversationEvent({ id: address })
      const [number = '', again] = String(
        evaluated('e164(event.id, "US") + "|" + e164(e164(event.id, "US"))', { event }),
      ).split('|')
      assert.match(number, /^(\+[0-9]{4,17})?$/)
      assert.equal(again, number)
    }),
    { numRuns: rounds(150) },
  )
})
