/**
 * The values that events use, whichever envelope they came in. Lower case, as Genesys Cloud's conversation API writes them:
 * EventBridge and detail topics send the same ones in upper case.
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

/** Of participants. Not complete: Genesys Cloud adds new ones, and relays can send their own. */
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
