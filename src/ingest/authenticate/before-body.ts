import { type Credentials, header } from './secrets.ts'

/** Whether the verdict on a request with these headers depends on its body: it carries a signature that is checked. */
export const createNeedsBody =
  ({ auth, secrets }: { readonly auth: 'required' | 'none'; readonly secrets: readonly string[] }) =>
  (headers: Credentials['headers']): boolean =>
    auth === 'required' &&
    secrets.length > 0 &&
    signatures.some((name) => header({ headers }, name) !== undefined)

const signatures = ['webhook-signature', 'x-hub-signature-256'] as const
