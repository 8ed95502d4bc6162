import 'server-only'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SiteEnv } from '@/lib/env'
import { accentShades } from './accent'

/** The colours of `public/icon.svg`: the accents of the light and of the dark theme in app/globals.css. */
const drawn = { light: '#006249', dark: '#70ddb1' }

/**
 * Returns the address of the icon: the file, or with an accent a copy of it in that colour, as a data URL. An icon that
 * replaces the file keeps its colours.
 * @param directory the folder of the artefact
 */
export async function iconUrl({ accent }: SiteEnv, directory: string): Promise<string> {
  if (!accent) return '/icon.svg'
  const { light, dark } = accentShades(accent)
  const file = await readFile(join(directory, 'public/icon.svg'), 'utf8').catch(() => null)
  if (file === null) return '/icon.svg'
  const svg = file.replaceAll(drawn.light, light.accent).replaceAll(drawn.dark, dark.accent)
  return `data:image/svg+xml,${encodeURIComponent(svg)}`
}
