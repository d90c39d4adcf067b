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
