import { z } from 'zod'
import { mapOf } from '../values/messages.ts'
import { checkLookupUrl } from './lookup-url.ts'

const formats = ['csv', 'json', 'yaml'] as const
export type FileFormat = (typeof formats)[number]

const endings: Readonly<Record<string, FileFormat>> = {
  csv: 'csv',
  json: 'json',
  yaml: 'yaml',
  yml: 'yaml',
}

/** `format`, or the format of the file name extension; undefined if neither is known. */
export const formatOf = (lookup: {
  readonly file: string
  readonly format?: FileFormat | undefined
}): FileFormat | undefined => lookup.format ?? endings[lookup.file.toLowerCase().split('.').at(-1) ?? '']

const text = z.string('must be text').min(1, 'must not be empty')

const number = (min: number, max: number, unit: string) => {
  const error = `must be a whole number of ${unit} from ${min} to ${max}`
  return z.int(error).min(min, error).max(max, error)
}

/** A table in a file. */
export const fileLookupSchema = z
  .strictObject(
    {
      file: text.meta({
        description: 'Path from the folder of the rules file.',
        examples: ['./customers.csv'],
      }),
      key: text
        .optional()
        .describe('The column with the key. Required for CSV and lists of rows, not allowed for maps.'),
      format: z
        .enum(formats, 'must be csv, json or yaml')
        .optional()
        .describe('Default: by the file name extension.'),
      delimiter: z
        .string('must be text')
        .regex(/^[\x20-\x7e\t]$/, 'must be one character such as ";" (a tab is "\\t" in double quotes)')
        .refine((character) => character !== '"', 'must not be a quote')
        .default(',')
        .describe('The separator of CSV cells.'),
    },
    mapOf('file'),
  )
  .meta({ title: 'A table in a file', description: 'Rows by key: CSV, JSON or YAML.' })
  .superRefine((lookup, context) => {
    const format = formatOf(lookup)
    if (format === undefined)
      context.addIssue({
        code: 'custom',
        path: ['file'],
        message: 'does not end in .csv, .json, .yaml or .yml: set format, such as format: csv',
      })
    if (format === 'csv' && lookup.key === undefined)
      context.addIssue({
        code: 'custom',
        path: ['key'],
        message: 'must name the column of the CSV file with the key',
      })
  })

/** Headers of the connection, which a lookup cannot set. */
const reservedHeaders = /^(host|connection|content-length|transfer-encoding|upgrade|te|trailer)$/i

const headerValue = 'must be one line of text, or { file: path } of a file with it'

const headers = z.record(
  z
    .string()
    .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'is not a valid header name')
    .refine((name) => !reservedHeaders.test(name), 'is a header that cannot be set'),
  z.union([z.string().regex(/^[\t\x20-\x7e]*$/, headerValue), z.strictObject({ file: text })], headerValue),
  { error: 'must be a map of header names to values' },
)

const columns = z
  .record(
    z.string().min(1, 'a column needs a name'),
    z
      .string('must be text')
      .regex(/^[^.]+(\.[^.]+)*$/, 'must be the path of the value in the answer, such as customer.tier'),
    { error: 'must be a map of columns to paths in the answer' },
  )
  .refine((map) => Object.keys(map).length > 0, 'must name at least one column')

export const httpLookupSchema = z
  .strictObject(
    {
      url: text.meta({
        description: 'Contains {key} once, in the path or query. https; http only with allowPrivate.',
        examples: ['https://crm.example.com/customers/{key}'],
      }),
      headers: headers.default({}).describe('Text, or { file: path } of a file with it, such as a secret.'),
      timeoutMs: number(50, 60_000, 'milliseconds')
        .default(2_000)
        .describe('From the start of a call to the end of its answer.'),
      ttlSeconds: number(1, 86_400, 'seconds').default(300).describe('How long a row is cached.'),
      negativeTtlSeconds: number(1, 86_400, 'seconds')
        .default(60)
        .describe('How long the absence of a row is cached.'),
      maxEntries: number(1_000, 1_000_000, 'keys').default(10_000).describe('Cached keys.'),
      concurrency: number(1, 50, 'calls').default(5).describe('Parallel calls.'),
      onError: z
        .enum(['skip', 'retry'], 'must be skip or retry')
        .default('skip')
        .describe('The effect of a failed lookup: no row (skip), or the service retries the event (retry).'),
      allowPrivate: z
        .boolean('must be true or false')
        .default(false)
        .describe('Allows addresses of private networks and of this machine, and plain http.'),
      columns: columns.optional().meta({
        description: 'The path of each column in the answer. Absent: all top-level values.',
        examples: [{ tier: 'contract.tier' }],
      }),
    },
    mapOf('url'),
  )
  .meta({
    title: 'A table behind an HTTP API',
    description: 'The service fetches each key by GET and caches the answer.',
  })
  .superRefine(({ url, allowPrivate }, context) => {
    const message = checkLookupUrl(url, allowPrivate)
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['url'], message })
  })

export type FileLookup = z.infer<typeof fileLookupSchema>
export type HttpLookup = z.infer<typeof httpLookupSchema>

export type LookupDefinition =
  | { readonly kind: 'file'; readonly lookup: FileLookup }
  | { readonly kind: 'http'; readonly lookup: HttpLookup }

/** A lookup with `url` is an HTTP lookup, any other a file lookup: the mistakes are those of the intended schema. */
export const lookupSchema = z
  .record(z.string(), z.unknown(), { error: 'must be a map with file or url' })
  .transform((written, context): LookupDefinition => {
    const parsed =
      'url' in written ? httpLookupSchema.safeParse(written) : fileLookupSchema.safeParse(written)
    if (!parsed.success) {
      for (const issue of parsed.error.issues) addIssue(issue, context)
      return z.NEVER
    }
    const lookup = parsed.data
    return 'url' in lookup ? { kind: 'http', lookup } : { kind: 'file', lookup }
  })

function addIssue(issue: z.core.$ZodIssue, context: z.core.$RefinementCtx): void {
  const { code, path, message } = issue
  const add = (message: string): void => context.addIssue({ code: 'custom', path: [...path], message })
  if (code === 'unrecognized_keys') context.addIssue({ code, path: [...path], message, keys: issue.keys })
  else if (code === 'invalid_key') for (const inner of issue.issues) add(inner.message)
  else add(message)
}
