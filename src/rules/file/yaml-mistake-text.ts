const quotes = 'needs quotes around all of it'

/** By the codes of the YAML library. */
const messages: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'a tab cannot indent: use spaces',
  BAD_INDENT: 'the indentation does not fit: what belongs together begins in the same column',
  MISSING_CHAR: 'a key needs a colon and a space after it, an entry of a list a - and a space before it',
  DUPLICATE_KEY: 'this key stands here twice: remove one of the two',
  MULTILINE_IMPLICIT_KEY: 'a key needs a colon and a space after it',
  MULTIPLE_DOCS: 'a rules file is one document: remove the ---',
  BLOCK_AS_IMPLICIT_KEY: `this is no single value: a text that holds ": " ${quotes}, and a map or list under a key begins on a line of its own`,
  UNEXPECTED_TOKEN: `the value has ended before this: a text that begins with a quote or bracket, or holds ": " or " #", ${quotes}`,
  BAD_SCALAR_START: `a text that begins with this character ${quotes}`,
  BLOCK_IN_FLOW: 'between [ ] or { } a comma is missing here, or a - is too much',
  BAD_ALIAS: `a text that begins with * or & ${quotes}`,
  BAD_DQ_ESCAPE:
    'this backslash has no meaning in double quotes of YAML: put single quotes around all of the value',
  RESOURCE_EXHAUSTION: 'this is nested too deeply to be read',
  TAG_RESOLVE_FAILED: `a text that begins with ! ${quotes}`,
}

/** Says what is wrong with the YAML itself; in the words of the library where nothing better is known. */
export const describeYaml = (code: string, message: string): string =>
  Object.hasOwn(messages, code) ? (messages[code] ?? message) : message
