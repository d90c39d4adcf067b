/**
 * Reads server-sent events from the body of a response. `EventSource` cannot send the token in a header.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 *
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
 * @returns {AsyncGenerator<{ name: string, data: string }, void>}
 */
export async function* eventsIn(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let unread = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const blocks = (unread + value).split('\n\n')
      unread = blocks.pop() ?? ''
      for (const block of blocks) yield eventOf(block)
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

/** @param {string} block */
function eventOf(block) {
  const fields = block.split('\n').map((line) => {
    const colon = line.indexOf(': ')
    return [line.slice(0, colon), line.slice(colon + 2)]
  })
  const fieldNamed = (/** @type {string} */ name) => fields.find(([field]) => field === name)?.[1] ?? ''
  return { name: fieldNamed('event'), data: fieldNamed('data') }
}
