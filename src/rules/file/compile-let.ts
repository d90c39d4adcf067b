import type { Expression, Expressions } from '../../cel/expressions.ts'
import type { Names } from '../../cel/names.ts'
import { tokensOf } from '../../cel/syntax/tokens.ts'
import type { Compilation } from './compile-expressions.ts'
import type { LetDefinition } from './let-schema.ts'
import type { Path } from './yaml-positions.ts'

/** The compiled names of one `let`, and the compiler for the expressions that can read them. */
export interface CompiledLet {
  readonly names: Names
  readonly expressions: Expressions
}

/** Names inside names. A bound for recursion, far above any useful rule. */
const maxLevels = 16

/**
 * Compiles the names of one `let` in file order: each expression can read the names before it. Adds mistakes to `problems` of the
 * compilation and omits the names that have them. `path`: of the `let`.
 */
export function compileLet(
  definition: LetDefinition,
  path: Path,
  { document, problems, expressions: outer }: Compilation,
  fileNames: Names,
): CompiledLet {
  const sources = new Map(
    Object.entries(definition).map(([name, written]) => [
      name,
      document.sourceText([...path, name], written),
    ]),
  )
  const names = new Map<string, Expression>()
  const levels = new Map<string, number>()
  let expressions = outer
  for (const [name, source] of sources) {
    const mistake = nameMistake(name, outer, fileNames)
    if (mistake !== undefined) {
      problems.push(document.problemAtKey([...path, name], mistake))
      continue
    }
    let result = expressions.compile(source)
    // Again, for the message that explains a name that the expression cannot read yet.
    if (result.kind === 'invalid')
      result = expressions.withNames(new Map(), whyNotYet(name, sources, names)).compile(source)
    if (result.kind === 'invalid')
      problems.push(document.problem([...path, name], result.message, result.offset))
    const expression = result.kind === 'ok' ? result.expression : undefined
    const level = 1 + Math.max(0, ...(expression?.reads.names ?? []).map((read) => levels.get(read) ?? 0))
    levels.set(name, level)
    if (level > maxLevels)
      problems.push(
        document.problem(
          [...path, name],
          `reads names that read names, more than ${maxLevels} deep: write some of them out`,
        ),
      )
    if (expression !== undefined) names.set(name, expression)
    expressions = expressions.withNames(new Map([[name, expression]]))
  }
  return { names, expressions }
}

function nameMistake(name: string, expressions: Expressions, fileNames: Names): string | undefined {
  if (fileNames.has(name)) return `is already a name in the let of the file: choose another name`
  const meaning = expressions.meaningOf(name)
  return meaning && `is already a ${meaning}: choose another name`
}

/** The messages for the name itself and the names after it, which its expression cannot read. */
function whyNotYet(
  name: string,
  sources: ReadonlyMap<string, string>,
  earlier: Names,
): ReadonlyMap<string, string> {
  const others = wordsOf(sources.get(name)).filter(
    (word) => word !== name && sources.has(word) && !earlier.has(word),
  )
  return new Map([
    [name, `${name} cannot use itself`],
    ...others.map(
      (other) =>
        [
          other,
          leadsTo(other, name, sources)
            ? `${name} and ${other} use each other: write one of them without the other`
            : `${other} comes after ${name} in let: move it before ${name}`,
        ] as const,
    ),
  ])
}

/** Whether the expression of a name contains the goal, or a name whose expression leads to it. */
function leadsTo(start: string, goal: string, sources: ReadonlyMap<string, string>): boolean {
  const seen = new Set<string>()
  const waiting = [start]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue
    seen.add(name)
    const words = wordsOf(sources.get(name))
    if (words.includes(goal)) return true
    waiting.push(...words.filter((word) => sources.has(word)))
  }
  return false
}

const wordsOf = (source = ''): readonly string[] =>
  tokensOf(source).flatMap(({ kind, text }) => (kind === 'word' ? [text] : []))
