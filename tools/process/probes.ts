import { get } from 'node:http'

const timeoutMilliseconds = 2_000

/** Returns whether the host on this port answers `GET /livez` with 200 within 2 s. */
export function isLive(port: number): Promise<boolean> {
  return answersOk(port, '/livez')
}

/** Returns whether the host on this port answers `GET /readyz` with 200 within 2 s. */
export function isReady(port: number): Promise<boolean> {
  return answersOk(port, '/readyz')
}

/** Uses a new connection for each probe, so that none stays open. */
function answersOk(port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false, timeout: timeoutMilliseconds })
    request.on('response', (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(false))
    request.on('close', () => resolve(false))
  })
}
