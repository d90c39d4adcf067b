import { z } from 'zod'
import { ConfigurationError, type ErrorCode, errorCatalogue } from '../../errors.ts'
import type { HttpAnswer } from '../../http/client.ts'
import { CommandFailure } from '../command-failure.ts'

const problem = z.object({ code: z.string(), title: z.string(), detail: z.string() })

/** The error of a command whose request the service did not answer. */
export const unreachable = (url: string, detail: string): CommandFailure =>
  new CommandFailure({
    code: 'service_unreachable',
    message: `No answer from ${url}: ${detail}`,
    remedy:
      'Check that the service runs and that this is its address; give another with --url. Without --url, the command uses http:// with HOST and PORT. A service with TLS needs https:// and the name in its certificate.',
  })

export const unexpectedAnswer = (url: string, detail: string): CommandFailure =>
  new CommandFailure({
    code: 'unexpected_answer',
    message: `The answer from ${url} is not one of the admin routes: ${detail}`,
    remedy: errorCatalogue.unexpected_answer.remedy,
  })

/** The error of a command for an answer with an error status: says what to check. */
export function explainAnswer(url: string, { status, headers, body }: HttpAnswer): Error {
  const answer = problem.safeParse(parseJson(body))
  if (!answer.success) return unexpectedAnswer(url, `status ${status} without a problem document`)
  const { code, title, detail } = answer.data
  switch (code) {
    case 'unauthorized':
      return new CommandFailure({
        code,
        message: `The service at ${url} refuses the admin token (401)`,
        remedy:
          'Use the value that ADMIN_TOKEN has for the service: in the environment, in .env, or in a file with --token-file.',
      })
    case 'too_many_failures':
      return new CommandFailure({
        code,
        message: `The service at ${url} refuses this address for a time: too many wrong admin tokens (429)`,
        remedy: `Correct the token: ADMIN_TOKEN or --token-file. The right token works at once; another wrong one only after ${String(headers['retry-after'] ?? '?')} s.`,
      })
    case 'route_not_found':
      return new CommandFailure({
        code: 'admin_unavailable',
        message: `The service at ${url} does not have this admin route (404)`,
        remedy:
          'Set ADMIN_TOKEN for the service and restart it: without the variable, it answers 404. If it is set: check --url, and that the service has the version of this command.',
      })
    case 'event_not_found':
      return new CommandFailure({
        code,
        message: `The service at ${url} has no event with this id (404)`,
        remedy:
          'Find its id with: genesys-enricher events list --conversation ID. The service stores only events that a rule listens to, and keeps them for RETENTION_MS after their outcome.',
      })
    case 'invalid_request':
      return new ConfigurationError(`The service refuses the request: ${title}`, [detail])
    default:
      return new CommandFailure({
        code: isErrorCode(code) ? code : 'unexpected_answer',
        message: `The service at ${url} cannot do it: ${title} (${status})`,
        remedy: detail,
      })
  }
}

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorCatalogue, code)

/** Undefined if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
