/** The most bytes to which the messages of a request may unpack, for the commands and the dry run. */
const defaultMaxBytes = 8_388_608

/** The most messages with corrupt gzip: each can cost all bytes that are left, and zlib does not say how many it did. */
const maxFailures = 10

export interface UnpackLimits {
  readonly maxBytes?: number | undefined
  /** Reserves memory for so many more bytes. False: none left. Absent: not limited. */
  readonly hold?: ((bytes: number) => boolean) | undefined
}

/** Counts the bytes that base64 and gzip unpack to in one request, because a small message can expand to any size. */
export class UnpackAllowance {
  bytesLeft: number
  /** Whether a message did not fit, or too many were corrupt. */
  isExceeded = false
  failures = 0
  readonly hold: (bytes: number) => boolean

  constructor({ maxBytes = defaultMaxBytes, hold = () => true }: UnpackLimits) {
    this.bytesLeft = maxBytes
    this.hold = hold
  }

  /** A message had corrupt gzip. */
  noteFailure(): void {
    this.failures += 1
    if (this.failures > maxFailures) this.isExceeded = true
  }

  /** False: they are too many. */
  take(bytes: number): boolean {
    const fits = bytes <= this.bytesLeft && this.hold(bytes)
    if (fits) this.bytesLeft -= bytes
    else this.isExceeded = true
    return fits
  }
}
