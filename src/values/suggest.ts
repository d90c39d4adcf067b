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
