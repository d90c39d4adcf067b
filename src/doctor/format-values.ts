/** `, retry after 42 s`, or nothing if the answer names no time. */
export const describeWait = (retryAfterMs: number | undefined): string =>
  retryAfterMs === undefined ? '' : `, retry after ${Math.ceil(retryAfterMs / 1_000)} s`

/** `12.3 GB`, `512 MB`: in powers of 1,000. */
export const describeBytes = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.floor(bytes / 1e6)} MB`

/** `42 s`, `10 min`, `3 h`. */
export function describeDuration(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  if (seconds < 120) return `${seconds} s`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`
}
