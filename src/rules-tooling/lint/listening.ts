import { eventTypes } from '../../event.ts'

/** Whether `wider` listens to every event that `narrower` listens to. Both as `on` of a rule names them. */
export function listensToAll(wider: readonly string[], narrower: readonly string[]): boolean {
  if (wider.includes('*') || eventTypes.every((type) => wider.includes(type))) return true
  return narrower.every((name) => wider.some((other) => other === name || standsFor(other, name)))
}

/** `user.*` stands for `user.start` and for `user.start.*`. */
const standsFor = (wildcard: string, name: string): boolean =>
  wildcard.endsWith('.*') && name.startsWith(wildcard.slice(0, -1))

/** Whether an event that this name listens to can have this type, and this topic. Undefined: whichever it has. */
export function canCarry(name: string, type: string | undefined, topic: string | undefined): boolean {
  if (name === '*') return true
  if ((eventTypes as readonly string[]).includes(name)) return type === undefined || type === name
  return topic === undefined || topic === name || standsFor(name, topic)
}
