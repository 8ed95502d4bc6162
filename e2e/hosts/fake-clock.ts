import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Debian's faketime, by which a process sees another time, and sees it change while it runs; undefined where it is not installed. */
export const faketimeLibrary = ['/usr/lib', '/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu']
  .map((path) => join(path, 'faketime/libfaketimeMT.so.1'))
  .find((file) => existsSync(file))

/** The environment of a process whose clock is off by what stands in that file: `+60`, `-600`, seconds. */
export function fakeClock(file: string): Record<string, string> {
  if (!faketimeLibrary) throw new Error('faketime is not installed')
  return {
    LD_PRELOAD: faketimeLibrary,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  }
}
