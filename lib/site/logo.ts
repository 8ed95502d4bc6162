import 'server-only'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigurationError, type SiteEnv } from '@/lib/env'

/** Returns the origin of a logo on another site, for the Content-Security-Policy (security S24). */
export function logoOrigin({ logo }: SiteEnv): string | undefined {
  return logo && !logo.startsWith('/') ? new URL(logo).origin : undefined
}

/**
 * Checks that a logo in `public/` exists. A server knows the files that are there when it starts.
 * @param directory the folder of the artefact
 * @throws ConfigurationError
 */
export async function checkLogo({ logo }: SiteEnv, directory: string): Promise<void> {
  if (!logo?.startsWith('/')) return
  const file = join(directory, 'public', logo)
  try {
    await access(file)
  } catch {
    throw new ConfigurationError(`This host cannot start.\n  SITE_LOGO: ${file} does not exist.`)
  }
}
