import { distance } from 'fastest-levenshtein'

/** Longer words are no slips of the pen, and would take long to compare. */
const maxLetters = 64

/**
 * The candidate that was most likely meant by a misspelled word, for a "did you mean": the nearest one by letters that are
 * missing, added, wrong or swapped, in whatever case. undefined if none is near.
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > maxLetters) return undefined
  let nearest: string | undefined
  let least = allowed(word) + 1
  for (const candidate of candidates) {
    // Each letter too many or too few is one mistake at least.
    if (Math.abs(candidate.length - word.length) >= least) continue
    const mistakes = mistakesBetween(word.toLowerCase(), candidate.toLowerCase())
    if (mistakes >= least) continue
    nearest = candidate
    least = mistakes
  }
  return nearest
}

/** How many mistakes a word of this length may have and still be recognised. */
const allowed = ({ length }: string): number => (length < 3 ? 0 : length < 6 ? 1 : length < 9 ? 2 : 3)

/** Levenshtein's distance, but for one pair of neighbours that are swapped: that is one mistake, not two. */
function mistakesBetween(word: string, candidate: string): number {
  let least = distance(word, candidate)
  for (let at = 0; at + 1 < word.length && least > 1; at += 1) {
    const swapped = word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2)
    least = Math.min(least, 1 + distance(swapped, candidate))
  }
  return least
}
