import type { MetadataRoute } from 'next'
import { connection } from 'next/server'
import { getTranslations } from 'next-intl/server'
import { env } from '@/lib/env'
import { accentShades } from '@/lib/site/accent'
import { canvas } from '@/lib/site/canvas'

/** The web app manifest. Rendered for each request: the build knows no name and no colours of a deployment. */
export default async function manifest(): Promise<MetadataRoute.Manifest> {
  await connection()
  const { name, accent } = env().site
  const translate = await getTranslations('site')
  return {
    name,
    short_name: name,
    description: translate('description'),
    start_url: '/',
    display: 'standalone',
    background_color: canvas.light,
    theme_color: accent ? accentShades(accent).light.accent : canvas.light,
    icons: ([192, 512] as const).flatMap((size) =>
      (['any', 'maskable'] as const).map((purpose) => ({
        src: `/icon-${size}.png`,
        sizes: `${size}x${size}`,
        type: 'image/png',
        purpose,
      })),
    ),
  }
}
