/**
 * A promise for when all that has arrived in this turn of the event loop is read, shared by all who ask in it: they go on one
 * right after the other. To do the same thing for several requests in a row costs a good deal less than to do everything for
 * one request at a time, since the processor has the code at hand and the senders are woken together.
 */
export function createEndOfTurn(): () => Promise<void> {
  let end: Promise<void> | undefined
  return () => {
    // Immediates run after all sockets that have something to read.
    end ??= new Promise((resolve) => {
      setImmediate(() => {
        end = undefined
        resolve()
      })
    })
    return end
  }
}
