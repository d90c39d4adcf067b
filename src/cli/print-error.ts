import { CommanderError } from 'commander'
import { ConfigurationError, type ErrorCode, systemCodeOf } from '../errors.ts'
import { InboxOpenError } from '../inbox/inbox.ts'
import { CommandFailure } from './command-failure.ts'
import { formatDocument, formatList } from './format.ts'
import { escapeControls, print, printNote } from './output.ts'

interface Report {
  readonly exitCode: 0 | 1 | 2
  /** For standard error. Empty: commander has printed it. */
  readonly text: string
  /** For standard output with `--json`. */
  readonly document: Readonly<Record<string, unknown>>
}

/** Prints an error of a command and returns the exit code. `json`: as a JSON document on standard output. */
export function printError(error: unknown, json: boolean): number {
  const { exitCode, text, document } = reportOf(error)
  if (exitCode === 0) return exitCode
  if (json) print(formatDocument(document))
  else printNote(text)
  return exitCode
}

function reportOf(error: unknown): Report {
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, '')
    return {
      exitCode: error.exitCode === 0 ? 0 : 2,
      text: '',
      document: documentOf('invalid_usage', message),
    }
  }
  if (error instanceof ConfigurationError) {
    const { message, problems } = error
    const document = documentOf('invalid_usage', message, { problems })
    return { exitCode: 2, text: formatList(message, problems), document }
  }
  if (error instanceof CommandFailure) {
    const { code, message, remedy, list = [], fields, document } = error.parts
    const text = `${formatList(escapeControls(message), list.map(escapeControls))}${escapeControls(remedy)}\n`
    return {
      exitCode: 1,
      text,
      document: { ...documentOf(code, message, { remedy, ...fields }), ...document },
    }
  }
  const message = describeFault(error)
  return { exitCode: 1, text: `${message}\n`, document: documentOf('internal_error', message) }
}

const documentOf = (code: ErrorCode, message: string, fields: Readonly<Record<string, unknown>> = {}) => ({
  error: { code, message, ...fields },
})

function describeFault(error: unknown): string {
  if (!(error instanceof Error)) return `Unexpected error: ${String(error)}`
  if (error instanceof InboxOpenError) return error.message
  const code = systemCodeOf(error, '')
  if (code === 'EADDRINUSE' || code === 'EACCES')
    return `Cannot listen: ${error.message}; set another PORT or HOST`
  return `Unexpected error: ${error.stack ?? error.message}`
}
