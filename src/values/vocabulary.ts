/**
 * The values of event fields, in lower case as in Genesys Cloud's conversation API. EventBridge and detail topics send the
 * same values in upper case.
 */

export const mediaTypes = [
  'voice',
  'chat',
  'message',
  'email',
  'callback',
  'cobrowse',
  'screenshare',
  'social',
  'video',
  'internalmessage',
] as const

export const directions = ['inbound', 'outbound'] as const

/** Purposes of participants. The list is incomplete: Genesys Cloud adds new ones, and relays can send their own. */
export const purposes = [
  'customer',
  'external',
  'agent',
  'user',
  'acd',
  'ivr',
  'voicemail',
  'workflow',
  'outbound',
  'campaign',
  'station',
  'group',
  'queue',
  'dialer',
  'fax',
  'api',
  'botflow',
  'inbound',
  'internal',
  'monitor',
  'manager',
] as const
