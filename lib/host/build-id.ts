import 'server-only'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { perProcess } from '@/lib/per-process'

/** Returns the id of the build that this host runs. `next dev` has none. */
export function buildId(): string {
  return perProcess('build-id', () => {
    try {
      // `server.js` of the artefact changes to its own folder.
      return readFileSync(join(/* turbopackIgnore: true */ process.cwd(), '.next/BUILD_ID'), 'utf8').trim()
    } catch {
      return 'development'
    }
  })
}
