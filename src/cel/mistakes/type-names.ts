const names: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  uint: 'a whole number',
  double: 'a number',
  bool: 'true or false',
  bytes: 'bytes',
  null: 'null',
  dyn: 'a value of any kind',
  type: 'a type',
  'google.protobuf.Timestamp': 'a time',
  'google.protobuf.Duration': 'a duration',
}

/** A CEL type in words, for "this gives …". */
export function typeName(celType: string): string {
  if (Object.hasOwn(names, celType)) return names[celType] ?? celType
  const [, kind = ''] = /^(\w+)<.*>$/.exec(celType) ?? []
  if (celType === 'list' || kind === 'list') return 'a list'
  if (celType === 'map' || kind === 'map') return 'a map'
  if (celType === 'optional' || kind === 'optional') return 'a value that may be missing'
  if (kind === 'dyn') return 'a value of any kind'
  // The variables themselves: `$event`.
  return celType.startsWith('$') ? `all of ${celType.slice(1)}` : celType
}
