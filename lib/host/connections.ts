import 'server-only'
import { subscribe } from 'node:diagnostics_channel'
import type { Server, ServerResponse } from 'node:http'

/** The connections of this process's HTTP server, below all of Next. */
export interface Connections {
  /** Requests whose answers are not sent yet. */
  requests(): number
  /** From now on a connection ends with the answer that is under way on it, or with the next one. */
  endWithAnswer(): void
  /** Ends those on which nothing is asked at the moment. */
  endIdle(): void
}

/** Begins to watch, by the channel on which Node tells of every request (node:diagnostics_channel, "HTTP"). */
export function watchConnections(): Connections {
  const answers = new Set<ServerResponse>()
  let server: Server | undefined
  let isEnding = false

  subscribe('http.server.request.start', (message) => {
    const { response, server: asked } = message as { response: ServerResponse; server: Server }
    server = asked
    answers.add(response)
    response.once('close', () => answers.delete(response))
    if (isEnding) endAfter(response)
  })

  return {
    requests: () => answers.size,
    endWithAnswer() {
      isEnding = true
      for (const answer of answers) endAfter(answer)
    },
    endIdle: () => server?.closeIdleConnections(),
  }
}

function endAfter(answer: ServerResponse): void {
  if (!answer.headersSent) answer.setHeader('connection', 'close')
}
