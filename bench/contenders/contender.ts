/** The task of a contender, from its parent process. */
export interface Task {
  readonly url: string
  readonly allowed: number
  readonly windowMs: number
  readonly updates: number
}

/** The task of this process and a plain PATCH function. */
export async function begin(): Promise<{ task: Task; patch: (index: number) => Promise<Response> }> {
  const task = JSON.parse(process.argv[2] ?? '{}') as Task
  const response = await fetch(`${task.url}/oauth/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa('demo:demo')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  })
  const { access_token: token } = (await response.json()) as { access_token: string }
  return {
    task,
    patch: async (index) => {
      const answer = await fetch(
        `${task.url}/api/v2/conversations/conversation-${index}/participants/participant-${index}/attributes`,
        {
          method: 'PATCH',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({
            attributes: { vip_status: 'true', tier_number: '123', seen: String(index) },
          }),
        },
      )
      await answer.arrayBuffer()
      return answer
    },
  }
}

export const retryAfterMs = (answer: Response): number =>
  Number(answer.headers.get('retry-after') ?? 1) * 1_000
