import { describeCall } from './call-mistakes.ts'
import type { Description, KnownNames, LibraryMistake } from './library-mistake.ts'
import { describeName } from './name-mistakes.ts'
import { describeSpelling } from './spelling-mistakes.ts'

/** Improves the library's message: suggests names, and translates the syntax of other languages to CEL. */
export function describeMistake(mistake: LibraryMistake, source: string, names: KnownNames): Description {
  const { node, summary, offset } = mistake
  const description =
    node === undefined
      ? describeSpelling(mistake, source, names)
      : (describeCall(mistake, node, source, names) ?? describeName(mistake, node, names))
  return description ?? { message: summary, offset }
}
