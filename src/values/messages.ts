import { distance } from 'fastest-levenshtein'

/** Longer words are not typos, and comparing them would take long. */
const maxLetters = 64

/**
 * Returns the candidate that is most similar to a misspelled word, for a "did you mean". Counts missing, extra, wrong and
 * swapped letters and ignores case. Undefined if no candidate is similar enough.
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > maxLetters) return undefined
  let nearest: string | undefined
  let least = maxTypos(word) + 1
  for (const candidate of candidates) {
    // Each extra or missing letter is at least one typo.
    if (Math.abs(candidate.length - word.length) >= least) continue
    const typos = countTypos(word.toLowerCase(), candidate.toLowerCase())
    if (typos >= least) continue
    nearest = candidate
    least = typos
  }
  return nearest
}

/** Most typos for a word of this length. */
const maxTypos = ({ length }: string): number => (length < 3 ? 0 : length < 6 ? 1 : length < 9 ? 2 : 3)

/** The Levenshtein distance, but one pair of swapped neighbours counts as one typo instead of two. */
function countTypos(word: string, candidate: string): number {
  let least = distance(word, candidate)
  for (let at = 0; at + 1 < word.length && least > 1; at += 1) {
    const swapped = word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2)
    least = Math.min(least, 1 + distance(swapped, candidate))
  }
  return least
}

/** The error of a zod object schema for a value of another type, in YAML terms. Unknown keys keep their own errors. */
export const mapOf = (keys: string) => ({
  error: ({ code }: { code: string | undefined }) =>
    code === 'invalid_type' ? `must be a map with ${keys}` : undefined,
})

const causes: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['ENOTDIR', 'there is no such file'],
  ['EACCES', 'the user of this process has no permission to read it'],
  ['EPERM', 'the user of this process has no permission to read it'],
  ['EISDIR', 'it is a folder'],
])

/** Explains the error code of a failed file read: `: there is no such file`. Empty for other codes. */
export function explainFileError(code: string): string {
  const cause = causes.get(code)
  return cause === undefined ? '' : `: ${cause}`
}
