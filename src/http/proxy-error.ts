/** The outgoing proxy failed, so the target was not reached. The texts never contain the credentials of the proxy. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError'
  /** `the proxy proxy.example.com:3128 cannot be reached (ECONNREFUSED)` */
  readonly finding: string
  /** The next step for the operator. */
  readonly remedy: string

  constructor(finding: string, remedy: string) {
    super(`${finding}: ${remedy}`)
    this.finding = finding
    this.remedy = remedy
  }
}
