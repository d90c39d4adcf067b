import { eventTypes } from '../../event.ts'

/** Whether `wider` listens to every event that `narrower` listens to. Both are `on` of a rule. */
export function includesSubscriptions(wider: readonly string[], narrower: readonly string[]): boolean {
  if (wider.includes('*') || eventTypes.every((type) => wider.includes(type))) return true
  return narrower.every((name) => wider.some((other) => other === name || wildcardIncludes(other, name)))
}

/** `user.*` includes `user.start` and `user.start.*`. */
const wildcardIncludes = (wildcard: string, name: string): boolean =>
  wildcard.endsWith('.*') && name.startsWith(wildcard.slice(0, -1))

/** Whether a rule that listens to `name` can get an event with this type and topic. Undefined: any. */
export function subscriptionAllows(
  name: string,
  type: string | undefined,
  topic: string | undefined,
): boolean {
  if (name === '*') return true
  if ((eventTypes as readonly string[]).includes(name)) return type === undefined || type === name
  return topic === undefined || topic === name || wildcardIncludes(name, topic)
}
