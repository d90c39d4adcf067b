/**
 * Body of a refused token request, as seen in bug reports about the real login service.
 */
export interface OAuthError {
  readonly error: string
  readonly description: string
  readonly error_description: string
}

export function describeOAuthError(error: string, description: string): OAuthError {
  return { error, description, error_description: description }
}

/** The usual error of a status. */
export function oauthError(status: number): OAuthError {
  if (status === 400) return describeOAuthError('invalid_request', 'the request is malformed')
  if (status === 401) return describeOAuthError('invalid_client', 'authentication failed')
  if (status === 429) return describeOAuthError('too_many_requests', 'too many token requests')
  if (status < 500) return describeOAuthError('unauthorized_client', 'the request is refused')
  return describeOAuthError('server_error', 'the login service is unavailable')
}
