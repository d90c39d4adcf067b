import type { Family } from './families.ts'
import { type Counts, count } from './totals.ts'

/** The key of a credential: its scheme and its position in the list of secrets or tokens, 1 for the newest. */
export const credentialKey = (scheme: string, position: number): string => `${scheme} ${position}`

/** Starts every configured credential at 0, so that unused ones are visible too. */
export function addUnusedCredentials(
  uses: Counts<string>,
  { auth, secrets, tokens }: { auth: string; secrets: readonly string[]; tokens: readonly string[] },
): void {
  if (auth === 'none') return
  for (const scheme of ['standard_webhooks', 'hub_signature'])
    secrets.forEach((_, index) => void count(uses, credentialKey(scheme, index + 1), 0))
  tokens.forEach((_, index) => void count(uses, credentialKey('token', index + 1), 0))
}

export const authFamily = (uses: Counts<string>): Family => ({
  type: 'counter',
  name: 'webhook_auth_total',
  help: 'Authenticated webhook requests, by scheme and by position of the secret or token in its list.',
  labelNames: ['scheme', 'position'],
  read: () =>
    [...uses].map(([use, value]) => {
      const [scheme = '', position = ''] = use.split(' ')
      return { labels: { scheme, position }, value }
    }),
})
