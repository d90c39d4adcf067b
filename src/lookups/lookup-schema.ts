import { z } from 'zod'
import { mapOf } from '../values/map-of.ts'
import { checkLookupUrl } from './lookup-url.ts'

const formats = ['csv', 'json', 'yaml'] as const
export type FileFormat = (typeof formats)[number]

const endings: Readonly<Record<string, FileFormat>> = {
  csv: 'csv',
  json: 'json',
  yaml: 'yaml',
  yml: 'yaml',
}

/** As said, else by the ending of the file's name; undefined where neither tells. */
export const formatOf = (lookup: {
  readonly file: string
  readonly format?: FileFormat | undefined
}): FileFormat | undefined => lookup.format ?? endings[lookup.file.toLowerCase().split('.').at(-1) ?? '']

const text = z.string('must be text').min(1, 'must not be empty')

const number = (least: number, most: number, unit: string) => {
  const error = `must be a whole number of ${unit} from ${least} to ${most}`
  return z.int(error).min(least, error).max(most, error)
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
        .describe('The column that holds the key. CSV and lists of rows need it, maps must not have it.'),
      format: z
        .enum(formats, 'must be csv, json or yaml')
        .optional()
        .describe('Default: the one of the file name extension.'),
      delimiter: z
        .string('must be text')
        .regex(/^[\x20-\x7e\t]$/, 'must be one character such as ";" (a tab is "\\t" in double quotes)')
        .refine((character) => character !== '"', 'must not be the quote')
        .default(',')
        .describe('The character between the cells of CSV.'),
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
        message: 'does not end in .csv, .json, .yaml or .yml: say which format it has with format: csv',
      })
    if (format === 'csv' && lookup.key === undefined)
      context.addIssue({
        code: 'custom',
        path: ['key'],
        message: 'must name the column of the CSV file that holds the key',
      })
  })

/** What belongs to the connection and is not to be said by a lookup. */
const reservedHeaders = /^(host|connection|content-length|transfer-encoding|upgrade|te|trailer)$/i

const headerValue = 'must be text in one line, or { file: path } of a file that holds it'

const headers = z.record(
  z
    .string()
    .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'is no name of a header')
    .refine((name) => !reservedHeaders.test(name), 'is a header that cannot be set'),
  z.union([z.string().regex(/^[\t\x20-\x7e]*$/, headerValue), z.strictObject({ file: text })], headerValue),
  { error: 'must be a map of header names to values' },
)

const columns = z
  .record(
    z.string().min(1, 'a column needs a name'),
    z
      .string('must be text')
      .regex(/^[^.]+(\.[^.]+)*$/, 'must be where the value stands in the answer, such as customer.tier'),
    { error: 'must be a map of columns to where their values stand in the answer' },
  )
  .refine((map) => Object.keys(map).length > 0, 'must name at least one column')

export const httpLookupSchema = z
  .strictObject(
    {
      url: text.meta({
        description: 'Holds {key} once, in its path or query. https, or with allowPrivate also http.',
        examples: ['https://crm.example.com/customers/{key}'],
      }),
      headers: headers
        .default({})
        .describe('Text, or { file: path } of a file that holds it, such as a secret.'),
      timeoutMs: number(50, 60_000, 'milliseconds')
        .default(2_000)
        .describe('From the call to the end of its answer.'),
      ttlSeconds: number(1, 86_400, 'seconds').default(300).describe('How long a row is cached.'),
      negativeTtlSeconds: number(1, 86_400, 'seconds')
        .default(60)
        .describe('How long the absence of a row is cached.'),
      maxEntries: number(1_000, 1_000_000, 'keys').default(10_000).describe('Cached keys.'),
      concurrency: number(1, 50, 'calls').default(5).describe('Calls at the same time.'),
      onError: z
        .enum(['skip', 'retry'], 'must be skip or retry')
        .default('skip')
        .describe('An event whose lookup fails is decided without it (skip), or tried again (retry).'),
      allowPrivate: z
        .boolean('must be true or false')
        .default(false)
        .describe('Allows addresses of private networks and of this machine, and plain http.'),
      columns: columns.optional().meta({
        description: 'Where the value of each column stands in the answer. Absent: all at its top.',
        examples: [{ tier: 'contract.tier' }],
      }),
    },
    mapOf('url'),
  )
  .meta({
    title: 'A table behind HTTP',
    description: 'Each key is fetched by GET, and the answer is cached.',
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

/** Either of the two, told apart by `url`, so that mistakes are told in the words of the one that is meant. */
export const lookupSchema = z
  .record(z.string(), z.unknown(), { error: 'must be a map with file or url' })
  .transform((written, context): LookupDefinition => {
    const parsed =
      'url' in written ? httpLookupSchema.safeParse(written) : fileLookupSchema.safeParse(written)
    if (!parsed.success) {
      for (const issue of parsed.error.issues) passOn(issue, context)
      return z.NEVER
    }
    const lookup = parsed.data
    return 'url' in lookup ? { kind: 'http', lookup } : { kind: 'file', lookup }
  })

function passOn(issue: z.core.$ZodIssue, context: z.core.$RefinementCtx): void {
  const { code, path, message } = issue
  const add = (message: string): void => context.addIssue({ code: 'custom', path: [...path], message })
  if (code === 'unrecognized_keys') context.addIssue({ code, path: [...path], message, keys: issue.keys })
  else if (code === 'invalid_key') for (const inner of issue.issues) add(inner.message)
  else add(message)
}
