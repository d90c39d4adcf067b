const causes: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['ENOTDIR', 'there is no such file'],
  ['EACCES', 'the user that runs this may not read it'],
  ['EPERM', 'the user that runs this may not read it'],
  ['EISDIR', 'it is a folder'],
])

/** What a code of the system means for somebody who wanted to read a file: `: there is no such file`; else nothing. */
export function causeInWords(code: string): string {
  const cause = causes.get(code)
  return cause === undefined ? '' : `: ${cause}`
}
