import { signOut, token } from './session.js'

/** An answer that is an error, in words for the reader. */
export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {{ code?: string, errors?: readonly { path?: string, message?: string }[] }} [problem]
   */
  constructor(message, problem = {}) {
    super(message)
    this.code = problem.code ?? ''
    this.errors = problem.errors ?? []
  }
}

/** The path is relative, so that the page works behind a proxy that adds a prefix.
 * @param {string} path such as `admin/status`
 * @param {RequestInit} [options] */
export async function request(path, options = {}) {
  const headers = { authorization: `Bearer ${token.value}`, ...options.headers }
  let response
  try {
    response = await fetch(path, { cache: 'no-store', ...options, headers })
  } catch (error) {
    if (options.signal?.aborted) throw error
    throw new ApiError('The service does not answer. Check that it runs and that this browser can reach it.')
  }
  if (response.ok) return response
  throw await errorOf(response)
}

/** @param {Response} response */
async function errorOf(response) {
  const problem = await response.json().catch(() => ({}))
  if (response.status === 401) {
    signOut('The service does not accept this token. Check ADMIN_TOKEN in its settings, and enter it again.')
    return new ApiError('The token is not accepted.', problem)
  }
  if (response.status === 429) {
    const seconds = response.headers.get('retry-after') ?? '60'
    signOut(`Too many wrong tokens from your address. Wait ${seconds} seconds, then enter the right one.`)
    return new ApiError('Too many wrong tokens.', problem)
  }
  const words = [problem.detail ?? problem.title ?? `The service answered ${response.status}.`]
  return new ApiError(words.join(' '), problem)
}

/**
 * @template Answer
 * @param {string} path
 * @param {{ query?: Readonly<Record<string, string | number | undefined>>, signal?: AbortSignal }} [options]
 * @returns {Promise<Answer>}
 */
export async function get(path, { query = {}, signal } = {}) {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  )
  const search = given.length === 0 ? '' : `?${new URLSearchParams(given)}`
  return (await request(path + search, signal ? { signal } : {})).json()
}

/**
 * @template Answer
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<Answer>}
 */
export async function post(path, body = {}) {
  const headers = { 'content-type': 'application/json' }
  return (await request(path, { method: 'POST', headers, body: JSON.stringify(body) })).json()
}
