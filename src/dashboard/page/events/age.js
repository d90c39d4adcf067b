/** @import { EventItem } from '../../answer-types.ts' */

/** The time from which the age of an event counts, here and under Now. @param {Pick<EventItem, 'acceptedAt' | 'replayedAt'>} event */
export const ageStart = ({ acceptedAt, replayedAt }) => replayedAt ?? acceptedAt

/** Whether the code of a pending event is that of a failure before its replay. @param {Pick<import('../../answer-types.ts').EventDetail, 'timeline'>} event */
export const failedBeforeReplay = ({ timeline }) =>
  timeline.some(({ what, code }) => what === 'replayed' && code !== undefined)
