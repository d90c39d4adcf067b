/** One finished call to `/oauth/token` or `/api/…`. */
export interface SimulatedCall {
  /** 1, 2, 3… in the order in which calls **ended**, so polling with a cursor misses no call. */
  readonly seq: number
  /** Epoch milliseconds at which the complete request had arrived. */
  readonly at: number
  readonly method: string
  /** Path as sent, without the query. */
  readonly path: string
  /** HTTP status of the response; 0 if the connection was reset without one. */
  readonly status: number
  /** Attributes of a PATCH with a valid body, applied or not. */
  readonly attributes?: Readonly<Record<string, string>>
  readonly conversationId?: string
  readonly participantId?: string
  /** Which token the call had, if it was valid: 1, 2, 3… in the order of issue. Programs with the same OAuth client have different ones. */
  readonly token?: number
  /** The call had a live bearer token or, for token requests, the right client secret. */
  readonly authorized: boolean
  /** The attributes were written. */
  readonly applied: boolean
  /**
   * PATCHes of this participant in flight when this one arrived, including itself: 1 if none overlap.
   * A PATCH is in flight until just before its response is sent. 0 for other calls.
   */
  readonly inFlightForParticipant: number
  /** Applied after the conversation had ended: the API accepts it, but analytics does not show it. */
  readonly afterEnd?: true
  /** The client disconnected before the response; `status` is the one it would have received. */
  readonly disconnected?: true
}

/** The target of a call, as far as path and body contain it. */
export type CallSubject = Pick<SimulatedCall, 'conversationId' | 'participantId' | 'attributes' | 'token'>

export interface CallStart extends Pick<SimulatedCall, 'at' | 'method' | 'path'> {
  readonly subject: CallSubject
}

export interface CallEnd extends Pick<SimulatedCall, 'status' | 'authorized' | 'applied'> {
  readonly afterEnd: boolean
  readonly disconnected: boolean
}

export interface CallLog {
  /** Registers a call that has arrived. Call the returned function once, when the call ends. */
  open(start: CallStart): (end: CallEnd) => void
  /** Calls with a `seq` greater than `after` (default 0), oldest first. */
  list(after?: number): readonly SimulatedCall[]
}

/** Keeps the newest `capacity` calls (default 100,000). */
export function createCallLog({ capacity = 100_000 }: { capacity?: number } = {}): CallLog {
  const inFlight = new Map<string, number>()
  let calls: SimulatedCall[] = []
  let lastSeq = 0

  function enter(participant: string): number {
    const count = (inFlight.get(participant) ?? 0) + 1
    inFlight.set(participant, count)
    return count
  }

  function leave(participant: string): void {
    const count = (inFlight.get(participant) ?? 0) - 1
    if (count > 0) inFlight.set(participant, count)
    else inFlight.delete(participant)
  }

  function append(call: SimulatedCall): void {
    calls.push(call)
    // Trim in bulk: shifting an array of this size on each call would be the bottleneck.
    if (calls.length >= capacity * 2) calls = calls.slice(-capacity)
  }

  return {
    open({ at, method, path, subject }) {
      const { conversationId, participantId } = subject
      const participant =
        method === 'PATCH' && participantId !== undefined ? `${conversationId}/${participantId}` : undefined
      const inFlightForParticipant = participant === undefined ? 0 : enter(participant)
      return ({ status, authorized, applied, afterEnd, disconnected }) => {
        if (participant !== undefined) leave(participant)
        lastSeq += 1
        append({
          seq: lastSeq,
          at,
          method,
          path,
          status,
          ...subject,
          authorized,
          applied,
          inFlightForParticipant,
          ...(afterEnd && { afterEnd }),
          ...(disconnected && { disconnected }),
        })
      }
    },
    list(after = 0) {
      const kept = Math.min(calls.length, capacity)
      const unread = Math.min(kept, Math.max(0, lastSeq - after))
      return unread === 0 ? [] : calls.slice(-unread)
    },
  }
}
