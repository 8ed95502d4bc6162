import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

/** What HAProxy says of a host: `UP`, `DOWN`, or on its way there (`UP 1/2`, `DOWN 1/2`). */
export type HostStates = Map<string, string>

/** Asks HAProxy one thing over its admin socket (management guide, 9.3). Rejects where nobody listens there. */
export async function askHaproxy(socketPath: string, command: string): Promise<string> {
  const socket = connect(socketPath)
  socket.setTimeout(5_000, () => socket.destroy(new Error('HAProxy does not answer on its admin socket.')))
  socket.end(`${command}\n`)
  return text(socket)
}

/** The state of each host, by its name, as health checks have it. A host that was not asked yet is left out. */
export async function readHostStates(socketPath: string, hostNames: readonly string[]): Promise<HostStates> {
  const [header = '', ...rows] = (await askHaproxy(socketPath, 'show stat hosts 4 -1')).trim().split('\n')
  const columns = header.replace(/^# /, '').split(',')
  const field = (row: string, column: string) => row.split(',')[columns.indexOf(column)] ?? ''
  const asked = rows.filter((row) => field(row, 'check_status') !== 'INI')
  // host-1 is the first of them there, whatever its name is here.
  return new Map(asked.map((row) => [hostNames[Number(field(row, 'svname').slice(5)) - 1] ?? '', field(row, 'status')]))
}

/** The process that serves now: another one after a reload. */
export async function readWorkerPid(socketPath: string): Promise<string> {
  return /^Pid: (\d+)$/m.exec(await askHaproxy(socketPath, 'show info'))?.[1] ?? ''
}
