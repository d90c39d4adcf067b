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

/** The cells of the table that begins with this text, without its second line. `\|` in a cell stays as it is. */
export function tableOf(page: string, beginning: string): readonly (readonly string[])[] {
  const lines = page.split('\n')
  const first = lines.findIndex((line) => line.startsWith(beginning))
  if (first < 0) return []
  const after = lines.findIndex((line, index) => index > first && !line.startsWith('|'))
  return lines
    .slice(first, after < 0 ? undefined : after)
    .filter((_, index) => index !== 1)
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}
