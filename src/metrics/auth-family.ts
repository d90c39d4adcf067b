import type { Family } from './families.ts'
import { type Counts, count } from './totals.ts'

/** The label under which a request is counted: its scheme, and the place of the secret or token in its list, 1 the newest. */
export const credentialUse = (scheme: string, position: number): string => `${scheme} ${position}`

/** Every use that can be, at 0: so that a secret that nobody shows any more is seen as one. */
export function expectUses(
  uses: Counts<string>,
  { auth, secrets, tokens }: { auth: string; secrets: readonly string[]; tokens: readonly string[] },
): void {
  if (auth === 'none') return
  for (const scheme of ['standard_webhooks', 'hub_signature'])
    secrets.forEach((_, index) => void count(uses, credentialUse(scheme, index + 1), 0))
  tokens.forEach((_, index) => void count(uses, credentialUse('token', index + 1), 0))
}

export const authFamily = (uses: Counts<string>): Family => ({
  type: 'counter',
  name: 'webhook_auth_total',
  help: 'Webhook requests that were let in, by what they showed and its place in the list of secrets or tokens.',
  labelNames: ['scheme', 'position'],
  read: () =>
    [...uses].map(([use, value]) => {
      const [scheme = '', position = ''] = use.split(' ')
      return { labels: { scheme, position }, value }
    }),
})
