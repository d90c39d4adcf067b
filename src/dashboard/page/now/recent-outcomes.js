/** @import { Sample, Status } from '../../answer-types.ts' */
/** @typedef {{ failed: number, dead: number, delivered: number, mostlyDead: boolean }} RecentOutcomes */

const hourMs = 3_600_000
/** From this share of dead letters on, something is wrong with the setup and not with single events. */
const alarmingShare = 0.2

/**
 * What became of the events of the last hour. `failed`: each failure counts, also of an event that was replayed. `dead`: the same, at most as many as there are dead letters now, because others
 * were replayed or dropped. `mostlyDead`: many failed.
 * @param {Status} current @param {readonly Sample[]} samples @param {string | undefined} startedAt
 * @returns {RecentOutcomes}
 */
export function recentOutcomes({ at, status }, samples, startedAt) {
  // The samples lag behind by 10 seconds; the totals do not.
  const young = startedAt !== undefined && Date.parse(at) - Date.parse(startedAt) < hourMs
  const sum = (/** @type {'applied' | 'unchanged' | 'dead'} */ name) =>
    Math.max(
      young ? (status?.totals[name] ?? 0) : 0,
      samples.reduce((total, sample) => total + sample[name], 0),
    )
  const failed = sum('dead')
  const dead = Math.min(failed, status?.inbox.dead ?? Number.POSITIVE_INFINITY)
  const delivered = sum('applied') + sum('unchanged')
  return { failed, dead, delivered, mostlyDead: dead > 0 && dead >= alarmingShare * (dead + delivered) }
}
