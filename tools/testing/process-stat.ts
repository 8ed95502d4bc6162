import { readFileSync, writeFileSync } from 'node:fs'

/** Linux's unit of /proc/<pid>/stat: a hundredth of a second, on every architecture (proc_pid_stat(5), sysconf). */
const millisecondsPerTick = 10

/** Returns the CPU time of a process, user and system, of all threads, in milliseconds. */
export function cpuMsOf(pid: number): number {
  return parseCpuMs(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}

/** Returns the CPU time of this process in milliseconds, with more digits than `cpuMsOf`. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Parses fields 14 and 15 of /proc/<pid>/stat. Field 2, a name in brackets, may contain blanks and brackets. */
export function parseCpuMs(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * millisecondsPerTick
}

/** Returns the resident memory of a process in megabytes (10⁶ bytes): now, and the peak since its start or `resetPeak`. */
export function memoryOf(pid: number): { residentMb: number; peakMb: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return { residentMb: parseMemory(status, 'VmRSS'), peakMb: parseMemory(status, 'VmHWM') }
}

/** Parses /proc/<pid>/status, whose unit is 1,024 bytes. @throws if the field is missing */
export function parseMemory(status: string, field: 'VmRSS' | 'VmHWM'): number {
  const [, kib] = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status) ?? []
  if (!kib) throw new Error(`${field} is not in the status of the process`)
  return (Number(kib) * 1024) / 1e6
}

/** Resets the peak of a process's memory (proc_pid_clear_refs(5)). */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}
