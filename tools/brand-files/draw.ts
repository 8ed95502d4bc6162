import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { formatHex } from 'culori'
import type { ReactElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import sharp from 'sharp'
import { FramedFace } from '@/components/layout/framed-face'
import { Mark } from '@/components/ui/mark'
import { projectDirectory } from '@/tools/process/project'

/** Draws the icons and the preview image of `public/` from the mark. @returns the files by name */
export async function drawBrandFiles(): Promise<Record<string, Buffer>> {
  const { accent, light, canvas } = await readColours()
  const mark = toSvg(Mark({ dot: light }), accent)
  const icon = (radius: number, side: number) =>
    wrap(
      32,
      32,
      `<rect width="32" height="32" rx="${radius}" fill="${accent}"/>` +
        `<svg x="${16 - side / 2}" y="${16 - side / 2}" width="${side}" height="${side}" color="#fff">${mark}</svg>`,
    )
  const rounded = icon(8, 26)
  // Systems cut their own shape, at most down to a circle of 80 % (the safe zone of maskable icons).
  const square = icon(0, 22)
  const preview = wrap(
    1200,
    630,
    `<rect width="1200" height="630" fill="${canvas}"/>` +
      `<svg x="125" y="155" width="320" height="320" color="${accent}">${toSvg(Mark({}), accent)}</svg>` +
      `<svg x="570" width="630" height="630">${toSvg(FramedFace({}), accent)}</svg>`,
  )
  const png = (svg: string, size: number) => render(svg, size, size)
  return {
    'icon.svg': Buffer.from(`${rounded}\n`),
    'favicon.ico': toIco(await Promise.all([16, 32, 48].map((size) => png(rounded, size)))),
    'apple-touch-icon.png': await png(square, 180),
    'icon-192.png': await png(square, 192),
    'icon-512.png': await png(square, 512),
    'og.png': await render(preview, 1200, 630),
  }
}

function wrap(width: number, height: number, content: string): string {
  const size = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${content}</svg>`
}

/** Reads the colours of the light theme, and the accent of the dark one, as hex. */
async function readColours() {
  const css = await readFile(join(projectDirectory, 'app/globals.css'), 'utf8')
  const pair = (name: string) => {
    const colours = new RegExp(
      `--${name}: (?:var\\(--site-${name}, )?light-dark\\((oklch\\(.+?\\)), (oklch\\(.+?\\))\\)+;`,
    ).exec(css)
    return [formatHex(colours?.[1] ?? ''), formatHex(colours?.[2] ?? '')] as const
  }
  const [accent, light] = pair('accent')
  const [canvas] = pair('canvas')
  if (!accent || !light || !canvas) throw new Error('app/globals.css has no --accent and --canvas with two colours')
  return { accent, light, canvas }
}

/** Renders a drawing without classes, in the colours of the light theme. */
function toSvg(drawing: ReactElement, accent: string): string {
  return renderToStaticMarkup(drawing)
    .replaceAll(/ (class|aria-hidden)=".*?"/g, '')
    .replaceAll(/light-dark\((#\w+), #\w+\)/g, '$1')
    .replaceAll('var(--accent)', accent)
}

function render(svg: string, width: number, height: number): Promise<Buffer> {
  const density = (72 * width) / Number(/width="(\d+)"/.exec(svg)?.[1])
  return sharp(Buffer.from(svg), { density }).resize(width, height).png({ palette: true, effort: 10 }).toBuffer()
}

/** Packs square PNGs into an icon file: a header, one entry of 16 bytes for each, the images. */
function toIco(images: Buffer[]): Buffer {
  const header = Buffer.alloc(6 + 16 * images.length)
  header.writeUInt16LE(1, 2)
  header.writeUInt16LE(images.length, 4)
  let offset = header.length
  for (const [index, image] of images.entries()) {
    const entry = 6 + 16 * index
    // The width and the height of a PNG are its bytes 16 to 23.
    header.writeUInt8(image.readUInt32BE(16), entry)
    header.writeUInt8(image.readUInt32BE(20), entry + 1)
    header.writeUInt16LE(1, entry + 4)
    header.writeUInt16LE(32, entry + 6)
    header.writeUInt32LE(image.length, entry + 8)
    header.writeUInt32LE(offset, entry + 12)
    offset += image.length
  }
  return Buffer.concat([header, ...images])
}
