/**
 * Genesys Cloud shows the rest of the name to agents as a label, so dots and spaces in it are intended:
 * https://help.mypurecloud.com/articles/attach-custom-conversation-attributes-to-participant-data-in-architect
 */
const panelPrefix = 'conversationDetails.participantData.'

const maxLength = 100

/** The warning about a name that scripts, data actions and reports cannot use easily; undefined if the name is fine. */
export function attributeNameWarning(name: string): string | undefined {
  const reasons: string[] = []
  const label = name.startsWith(panelPrefix) ? name.slice(panelPrefix.length) : undefined
  const inner = name.trim()
  if (inner !== name) reasons.push('begins or ends with a space')
  if (label === undefined && inner.includes('.')) reasons.push('contains a dot')
  if (label === undefined && /\s/.test(inner)) reasons.push('contains a space')
  if (/[^\p{ASCII}]/u.test(inner)) reasons.push('contains non-ASCII characters')
  if (name.length > maxLength) reasons.push(`has ${name.length} characters`)
  if (reasons.length === 0) return undefined
  return `${reasons.join(' and ')}: scripts, data actions and reports find an attribute by this name, and letters, digits, _ and - are safe in all of them`
}
