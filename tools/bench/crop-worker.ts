import { readFile } from 'node:fs/promises'
import { defaultCollection } from '@/lib/images/collections'
import type { Recipe } from '@/lib/images/schema'
import { ownCpuMs } from '@/tools/testing/process-stat'
import { loadEngine } from './load-engine'
import { type Sample, takeSample } from './rounds'

/** The crops of one process that does nothing else. */
export interface CropJob {
  way: 'engine' | 'naive'
  file: string
  recipes: Recipe[]
  concurrency: number
}

/** Crops, and returns the CPU time of this process. */
async function work({ way, file, recipes, concurrency }: CropJob): Promise<Sample> {
  const crop = way === 'engine' ? await engineCrop(file) : await naiveCrop(file)
  return takeSample(recipes, crop, { cpuMs: ownCpuMs, concurrency })
}

/** Loads the engine and returns a function that crops as the crop route does, from bytes in memory. */
async function engineCrop(file: string): Promise<(recipe: Recipe) => Promise<void>> {
  const { readHeader, renderVariants } = await loadEngine()
  const bytes = await readFile(file)
  return async (recipe) => {
    const header = await readHeader(bytes, 50_000_000)
    if (!header.ok) throw new Error(`the engine rejected ${file}: ${header.code}`)
    const rendered = await renderVariants(bytes, header.value, recipe, defaultCollection.variants)
    if (!rendered.ok) throw new Error(`the engine rejected a crop of ${file}: ${rendered.code}`)
  }
}

async function naiveCrop(file: string): Promise<(recipe: Recipe) => Promise<void>> {
  const { renderNaively } = await import('./naive')
  return async (recipe) => {
    await renderNaively(file, recipe, defaultCollection.variants)
  }
}

process.on('message', (job: CropJob) => {
  work(job).then(
    (sample) => process.send?.({ sample }),
    (error: unknown) => process.send?.({ error: error instanceof Error ? error.message : String(error) }),
  )
})
// Exits with the process that started it.
process.once('disconnect', () => process.exit(1))
