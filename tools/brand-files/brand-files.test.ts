import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { projectDirectory } from '@/tools/process/project'

test('U71: the icons and the preview image are what npm run brand-files draws', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'brand-files-'))
  try {
    const script = ['--import', 'tsx', 'tools/brand-files/brand-files.ts', directory]
    await promisify(execFile)(process.execPath, script, { cwd: projectDirectory })
    const names = await readdir(directory)
    expect(names).toHaveLength(6)
    for (const name of names) {
      const [drawn, committed] = await Promise.all(
        [directory, join(projectDirectory, 'public')].map((folder) => readFile(join(folder, name))),
      )
      if (name.endsWith('.svg')) expect(String(committed), name).toBe(String(drawn))
      else expect(await difference(committed as Buffer, drawn as Buffer), name).toBeLessThan(1)
    }
  } finally {
    await rm(directory, { recursive: true })
  }
})

/** Returns the mean difference of two image files in steps of 255. Versions of the renderer may differ a little. */
async function difference(a: Buffer, b: Buffer): Promise<number> {
  const [one, two] = await Promise.all([pixelsOf(a), pixelsOf(b)])
  if (one.length !== two.length) return 255
  return one.reduce((sum, value, at) => sum + Math.abs(value - (two[at] as number)), 0) / one.length
}

/** Decodes an image, or the images of an icon file one after the other. */
async function pixelsOf(file: Buffer): Promise<Buffer> {
  const isIco = file.readUInt32LE(0) === 0x1_0000
  const images = isIco ? Array.from({ length: file.readUInt16LE(4) }, (_, index) => imageOfIco(file, index)) : [file]
  return Buffer.concat(await Promise.all(images.map((image) => sharp(image).ensureAlpha().raw().toBuffer())))
}

function imageOfIco(file: Buffer, index: number): Buffer {
  const entry = 6 + 16 * index
  const offset = file.readUInt32LE(entry + 12)
  return file.subarray(offset, offset + file.readUInt32LE(entry + 8))
}
