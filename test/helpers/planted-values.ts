/** None of these may be in any output. The names are for the failure message. */
export const planted = {
  'OAuth client secret': 'oauth-secret-1f83d9ab',
  'webhook secret': 'webhook-secret-5be0cd19',
  'webhook token': 'webhook-token-9b05688c',
  'refused credential': 'refused-credential-510e527f',
  'admin token': 'admin-token-a54ff53a',
  'header of a lookup': 'lookup-header-bb67ae85',
  'password in a URL': 'url-password-3c6ef372',
  'header of the tracing exporter': 'exporter-header-6a09e667',
  'attribute value of a rule': 'value-of-rule-428a2f98',
  'attribute value of an event': 'value-of-event-71374491',
  'value from a lookup': 'value-of-lookup-b5c0fbcf',
  'text of an API answer': 'text-of-answer-e9b5dba5',
  'e-mail address': 'jane.doe-3956c25b',
} as const
export const email = `${planted['e-mail address']}@example.org`
const phoneDigits = '3175550142'
export const phones = [
  'tel:+13175550142',
  '+1 (317) 555-0142',
  '317.555.0142',
  '1-317-555-0142',
  `sip:+1${phoneDigits}@x`,
]

/** Where output has a planted value, in plain text, URL-encoded or as Basic credentials, or the phone number in any spelling. */
export function leaksIn(output: string, more: Readonly<Record<string, string>> = {}): readonly string[] {
  const values = Object.entries({ ...planted, ...more })
  const basic = Buffer.from(`demo:${planted['OAuth client secret']}`).toString('base64')
  return output.split('\n').flatMap((line) => {
    const found = values.filter(([, value]) => line.includes(value)).map(([name]) => name)
    if (line.includes(basic)) found.push('Basic credentials')
    if (line.replaceAll(/%[0-9a-f]{2}|[\s().+/-]/gi, '').includes(phoneDigits)) found.push('phone number')
    return found.map((name) => `${name}: ${line}`)
  })
}
