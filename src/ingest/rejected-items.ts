import type { ClassifiedItems } from './classify-items.ts'

/** Items that are not valid. A source without a response reports them in the log. */
export type RejectedItems = ClassifiedItems['rejected']

type Problems = RejectedItems[number]['problems']

/** As many problems of an item as one log line should have. */
export const problemsToLog = (problems: Problems): Problems => problems.slice(0, 5)

/** `participants.[].id` for `participants.3.id`, so that the log counts all items of an array as one kind. */
export const pathWithoutIndexes = (path: string): string => path.replaceAll(/(?<=^|\.)\d+(?=\.|$)/g, '[]')
