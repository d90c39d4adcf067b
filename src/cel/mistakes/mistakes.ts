import { describeCall } from './call-mistakes.ts'
import type { Description, KnownNames, LibraryMistake } from './mistake.ts'
import { describeName } from './name-mistakes.ts'
import { describeSpelling } from './spelling-mistakes.ts'

/** Adds what the library cannot know: names that were meant, and how CEL writes what other languages write differently. */
export function describeMistake(mistake: LibraryMistake, source: string, names: KnownNames): Description {
  const { node, summary, offset } = mistake
  const description =
    node === undefined
      ? describeSpelling(mistake, source, names)
      : (describeCall(mistake, node, source, names) ?? describeName(mistake, node, names))
  return description ?? { message: summary, offset }
}
