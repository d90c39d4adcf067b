/** One call the simulator received on `/oauth/token` or `/api/…`, as it ended. */
export interface SimulatedCall {
  /** 1, 2, 3… in the order in which calls **ended**, so that a reader who polls with a cursor misses none. */
  readonly seq: number
  /** Epoch milliseconds at which the request had arrived whole. */
  readonly at: number
  readonly method: string
  /** Path as sent, without the query. */
  readonly path: string
  /** HTTP status of the answer; 0 when the connection was reset without one. */
  readonly status: number
  /** Names and values of a PATCH whose body was well formed, whatever became of it. */
  readonly attributes?: Readonly<Record<string, string>>
  readonly conversationId?: string
  readonly participantId?: string
  /** The caller proved who it is: a live bearer token, or (token requests) the right client secret. */
  readonly authorized: boolean
  /** The attributes were written. */
  readonly applied: boolean
  /**
   * PATCHes of this participant under way when this one arrived, itself included: 1 when they never overlap.
   * A PATCH is under way until just before its answer is written. 0 for calls that PATCH no participant.
   */
  readonly inFlightForParticipant: number
  /** Applied after the conversation had ended: accepted by the API, but lost for analytics. */
  readonly afterEnd?: true
  /** The client had gone before the answer; `status` is the one it would have got. */
  readonly disconnected?: true
}

/** Whom a call is about, as far as its path and body tell. */
export interface CallSubject {
  readonly conversationId?: string
  readonly participantId?: string
  readonly attributes?: Readonly<Record<string, string>>
}

export interface CallStart {
  readonly at: number
  readonly method: string
  readonly path: string
  readonly subject: CallSubject
}

export interface CallEnd {
  readonly status: number
  readonly authorized: boolean
  readonly applied: boolean
  readonly afterEnd: boolean
  readonly disconnected: boolean
}

export interface CallRecord {
  /** Notes that a call has arrived; the function returned takes its end, once. */
  open(start: CallStart): (end: CallEnd) => void
  /** Calls with a `seq` greater than `after` (default 0: all that are kept), oldest first. */
  list(after?: number): readonly SimulatedCall[]
}

/** The record of calls: the newest `capacity` (default 100,000) are kept, older ones are forgotten. */
export function createCallRecord({ capacity = 100_000 }: { capacity?: number } = {}): CallRecord {
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
    // Trimmed in lumps: shifting an array of this size for each call would make the record the bottleneck.
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
