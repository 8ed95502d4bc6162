import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Path of Debian's faketime library, which changes a process's time while it runs. Undefined if not installed. */
export const faketimeLibrary = ['/usr/lib', '/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu']
  .map((path) => join(path, 'faketime/libfaketimeMT.so.1'))
  .find((file) => existsSync(file))

/** Returns the environment of a process whose clock is off by the seconds in a file: `+60`, `-600`. */
export function fakeClock(file: string): Record<string, string> {
  return { ...withFaketime(), FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1' }
}

/** Returns the environment of a process whose clock is always off by so many seconds. */
export function wrongClock(seconds: number): Record<string, string> {
  return { ...withFaketime(), FAKETIME: `${seconds < 0 ? '' : '+'}${seconds}` }
}

function withFaketime(): Record<string, string> {
  if (!faketimeLibrary) throw new Error('faketime is not installed')
  return { LD_PRELOAD: faketimeLibrary, FAKETIME_DONT_FAKE_MONOTONIC: '1' }
}
