import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

/** The states of hosts by name, in HAProxy's words: `UP`, `DOWN`, or changing (`UP 1/2`, `DOWN 1/2`). */
export type HostStates = Map<string, string>

/** Runs a command over HAProxy's admin socket (management guide, 9.3). Rejects if HAProxy does not listen there. */
export async function runAdminCommand(socketPath: string, command: string): Promise<string> {
  const socket = connect(socketPath)
  socket.setTimeout(5_000, () => socket.destroy(new Error('HAProxy did not respond on its admin socket within 5 s.')))
  socket.end(`${command}\n`)
  return text(socket)
}

/** Reads the state of each host from the health checks. Leaves out hosts that were not checked yet. */
export async function readHostStates(socketPath: string, hostNames: readonly string[]): Promise<HostStates> {
  const [header = '', ...rows] = (await runAdminCommand(socketPath, 'show stat hosts 4 -1')).trim().split('\n')
  const columns = header.replace(/^# /, '').split(',')
  const field = (row: string, column: string) => row.split(',')[columns.indexOf(column)] ?? ''
  const checked = rows.filter((row) => field(row, 'check_status') !== 'INI')
  // deploy/haproxy.cfg names the hosts host-1, host-2, … in the order of `hostNames`.
  return new Map(
    checked.map((row) => [hostNames[Number(field(row, 'svname').slice(5)) - 1] ?? '', field(row, 'status')]),
  )
}

/**
 * Reads the pid of the worker process, which changes after a reload.
 * @throws Error if the worker that took the connection ended before it answered
 */
export async function readWorkerPid(socketPath: string): Promise<string> {
  const pid = /^Pid: (\d+)$/m.exec(await runAdminCommand(socketPath, 'show info'))?.[1]
  if (!pid) throw new Error('HAProxy did not answer "show info" on its admin socket.')
  return pid
}
