import { describeCall } from './call-mistakes.ts'
import type { Description, KnownNames, LibraryMistake } from './mistake.ts'
import { describeName } from './name-mistakes.ts'
import { describeOperation } from './operation-mistakes.ts'
import { describeSpelling } from './spelling-mistakes.ts'

/** Says what is wrong with an expression in words for somebody who does not program. */
export function describeMistake(mistake: LibraryMistake, source: string, names: KnownNames): Description {
  const { node, summary, offset } = mistake
  const description =
    node === undefined
      ? describeSpelling(mistake, source, names)
      : (describeCall(mistake, node, source, names) ??
        describeName(mistake, node, names) ??
        describeOperation(mistake, node, source))
  return description ?? { message: summary, offset }
}
