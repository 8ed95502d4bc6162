import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { findCollection } from '@/lib/images/collections'
import { readHeader } from '@/lib/images/engine/header'
import { renderVariants } from '@/lib/images/engine/render'
import { renderingMemory } from '@/lib/images/engine/rendering-memory'
import { canvasSize } from '@/lib/images/geometry'
import { memoryOf, resetPeak } from '@/tools/testing/process-stat'

/** How to crop the picture: the middle of its canvas, as large as possible. */
export interface MemoryCase {
  collection: 'avatars' | 'covers'
  rotate?: number
}

/** In megabytes (10⁶ bytes). */
export interface MemoryUse {
  /** How much the peak of the process's resident memory grew. */
  growthMb: number
  estimateMb: number
}

/** Reads the header, and returns the estimate and the work. */
async function prepare(bytes: Buffer, { collection, rotate = 0 }: MemoryCase) {
  const { aspect, variants } = findCollection(collection) as NonNullable<ReturnType<typeof findCollection>>
  const header = await readHeader(bytes, 50_000_000, variants[0])
  if (!header.ok) throw new Error(header.code)
  const canvas = canvasSize(header.value.upright, rotate)
  const width = Math.floor(Math.min(canvas.width, canvas.height * aspect))
  const height = Math.max(1, Math.round(width / aspect))
  const area = { x: (canvas.width - width) >> 1, y: (canvas.height - height) >> 1, width, height }
  const recipe = { area, rotate, flip: { horizontal: false, vertical: false } }
  return {
    estimateMb: renderingMemory(header.value, recipe, variants) / 1e6,
    async render() {
      const rendered = await renderVariants(bytes, header.value, recipe, variants)
      if (!rendered.ok) throw new Error(rendered.code)
    },
  }
}

const [file, options] = process.argv.slice(2) as [string, string]
const bytes = await readFile(file)
const small = await sharp({ create: { width: 300, height: 300, channels: 3, background: 'red' } })
  .jpeg()
  .toBuffer()
// Loads everything that stays in memory.
await (await prepare(small, { collection: 'covers' })).render()
const { estimateMb, render } = await prepare(bytes, JSON.parse(options))
globalThis.gc?.()
const before = memoryOf(process.pid).residentMb
resetPeak(process.pid)
await render()
process.stdout.write(JSON.stringify({ growthMb: memoryOf(process.pid).peakMb - before, estimateMb }))
