/**
 * Control characters (C0, DEL, C1) and characters that change the direction of text. In a text that a sender or Genesys Cloud chose, they
 * could change the operator's terminal, or make a line look like another one.
 */
const unsafe = /[\p{Cc}\p{Bidi_Control}]/gu

const escapeCharacter = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Replaces unsafe characters by `\u001b` and the like. For a text from outside, which has one line. */
export const escapeControls = (text: string): string => text.replaceAll(unsafe, escapeCharacter)

/** As `escapeControls`, but keeps line feeds and tabs, with which the commands lay out their texts. */
export const escapeLines = (text: string): string =>
  text.replaceAll(unsafe, (character) =>
    character === '\n' || character === '\t' ? character : escapeCharacter(character),
  )

/** Prints a result, for people or as JSON: JSON stays valid, because only its strings can contain unsafe characters. */
export const print = (text: string): void => {
  process.stdout.write(escapeLines(text))
}

/** Prints a text with styles of the terminal. The caller has escaped every part that comes from outside. */
export const printStyled = (text: string): void => {
  process.stdout.write(text)
}

/** Prints an error, a warning or a note to standard error. */
export const printNote = (text: string): void => {
  process.stderr.write(escapeLines(text))
}
