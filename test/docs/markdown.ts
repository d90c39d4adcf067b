import { readFile } from 'node:fs/promises'

/** A page of the documentation, by its path from the project's root. */
export const readPage = (path: string): Promise<string> =>
  readFile(new URL(`../../${path}`, import.meta.url), 'utf8')

export interface Fence {
  /** The text after the opening backticks: `yaml rules`, `sh`. */
  readonly info: string
  readonly text: string
  /** Line of the opening backticks, from 1. */
  readonly line: number
}

/** The fenced blocks of a page, in order. */
export function fencesOf(page: string): Fence[] {
  return [...page.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    info: match[1] ?? '',
    text: match[2] ?? '',
    line: page.slice(0, match.index).split('\n').length,
  }))
}
