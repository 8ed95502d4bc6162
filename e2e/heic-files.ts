import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { codedColourBox, heicWithProperties, mirrorBox, rotationBox } from '@/lib/images/engine/test-support/avif'
import { insertPngChunks, pngChunk } from '@/lib/images/engine/test-support/png'
import type { Photo } from './photos'

const run = promisify(execFile)

/** A HEIC, and what it shows, as an independent decoder of Debian's draws it. */
export interface HeicPhoto extends Photo {
  shown: Buffer
}

/** Creates a HEIC as a phone held upright stores it: the pixels lie on their side, and two properties turn and flip them. */
export async function turnedHeic(): Promise<HeicPhoto> {
  const { bytes, size } = await encode('portrait.jpg')
  return asPhoto('IMG_0001.HEIC', heicWithProperties(bytes, size, [rotationBox(1), mirrorBox(0)]))
}

/** Creates a HEIC with the colours of Display P3. Its `shown` is what the same numbers mean there, in sRGB. */
export async function wideGamutHeic(): Promise<HeicPhoto> {
  const { bytes, size } = await encode('cat.jpg')
  const photo = await asPhoto('IMG_0002.HEIC', heicWithProperties(bytes, size, [codedColourBox(12, 13)]))
  const { icc } = await sharp(await sharp(photo.shown).withIccProfile('p3').png().toBuffer()).metadata()
  const profile = pngChunk('iCCP', Buffer.concat([Buffer.from('p3\0\0'), deflateSync(icc as Buffer)]))
  const shown = await sharp(insertPngChunks(photo.shown, profile)).png().toBuffer()
  return { ...photo, shown }
}

async function encode(sample: string) {
  const file = fileURLToPath(new URL(`./samples/${sample}`, import.meta.url))
  const { width, height } = await sharp(file).metadata()
  // HEVC stores colours at half the size: even sides keep its size.
  const size = { width: width - (width % 2), height: height - (height % 2) }
  const jpeg = await sharp(file)
    .extract({ left: 0, top: 0, ...size })
    .jpeg({ quality: 95 })
    .toBuffer()
  return { size, bytes: await convert('heif-enc', { name: 'in.jpg', bytes: jpeg }, 'out.heic', ['-q', '90']) }
}

async function asPhoto(name: string, buffer: Buffer): Promise<HeicPhoto> {
  const shown = await convert('heif-convert', { name: 'in.heic', bytes: buffer }, 'out.png')
  return { name, mimeType: 'image/heic', buffer, shown }
}

/** Runs a command of libheif on a file. */
async function convert(
  command: 'heif-enc' | 'heif-convert',
  input: { name: string; bytes: Buffer },
  output: string,
  options: string[] = [],
): Promise<Buffer> {
  const directory = await mkdtemp(join(tmpdir(), 'heic-'))
  try {
    await writeFile(join(directory, input.name), input.bytes)
    const args = command === 'heif-enc' ? [...options, input.name, '-o', output] : [...options, input.name, output]
    await run(command, args, { cwd: directory })
    return await readFile(join(directory, output))
  } catch (error) {
    throw new Error(`${command} failed. HEIC photos for tests need Debian's package libheif-examples.`, {
      cause: error,
    })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
