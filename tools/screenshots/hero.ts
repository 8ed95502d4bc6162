import sharp from 'sharp'
import type { Screens, Theme } from './screens'

// Pixels of the picture.
const desktop = { left: 0, top: 0, width: 1280, height: 800, radius: 16 }
const phone = { left: 1150, top: 160, width: 352, height: 724, radius: 36 }
const size = { width: 1502, height: 884 }
const edges: Record<Theme, string> = { light: '#0003', dark: '#fff3' }

/** Lays the editor on a phone over the first page on a desktop. The rest of the picture is transparent. */
export async function composeHero(screens: Screens, theme: Theme): Promise<Buffer> {
  const layers = [
    { ...desktop, input: screens[`first-page-desktop-${theme}`] },
    { ...phone, input: screens['editor-phone'] },
  ]
  return sharp({ create: { ...size, channels: 4, background: '#0000' } })
    .composite(
      await Promise.all(
        layers.map(async ({ input, left, top, ...window }) => ({
          left,
          top,
          input: await sharp(input)
            .resize(window.width, window.height, { fit: 'cover', position: 'top' })
            .composite([
              { input: roundedRectangle(window, 'fill="#fff"'), blend: 'dest-in' },
              { input: roundedRectangle(window, `fill="none" stroke="${edges[theme]}" stroke-width="2"`) },
            ])
            .png()
            .toBuffer(),
        })),
      ),
    )
    .webp({ quality: 86, alphaQuality: 90, effort: 6 })
    .toBuffer()
}

function roundedRectangle(window: { width: number; height: number; radius: number }, paint: string): Buffer {
  const { width, height, radius } = window
  return Buffer.from(
    `<svg width="${width}" height="${height}"><rect width="${width}" height="${height}" rx="${radius}" ${paint}/></svg>`,
  )
}
