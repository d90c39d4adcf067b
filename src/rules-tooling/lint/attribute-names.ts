/**
 * Shown to agents as a label of its own, says Genesys Cloud, so that its dots and spaces are meant:
 * https://help.mypurecloud.com/articles/attach-custom-conversation-attributes-to-participant-data-in-architect
 */
const panelPrefix = 'conversationDetails.participantData.'

const longest = 100

/** Why the name of an attribute may be hard to use where it is read; undefined if nothing speaks against it. */
export function adviceOnAttributeName(name: string): string | undefined {
  const reasons: string[] = []
  const label = name.startsWith(panelPrefix) ? name.slice(panelPrefix.length) : undefined
  const inner = name.trim()
  if (inner !== name) reasons.push('begins or ends with a blank, which nobody sees')
  if (label === undefined && inner.includes('.')) reasons.push('holds a dot')
  if (label === undefined && /\s/.test(inner)) reasons.push('holds a space')
  if (/[^\p{ASCII}]/u.test(inner)) reasons.push('holds characters beyond ASCII')
  if (name.length > longest) reasons.push(`has ${name.length} characters`)
  if (reasons.length === 0) return undefined
  return `${reasons.join(' and ')}: scripts, data actions and reports find an attribute by this name, and letters, digits, _ and - are safe in all of them`
}
