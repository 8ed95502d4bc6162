import { readFile } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import { defaultCollection } from '@/lib/images/collections'
import type { Recipe } from '@/lib/images/schema'
import { runAtOnce } from './at-once'
import { loadEngine } from './load-engine'
import type { Sample } from './rounds'

/** What a process that does nothing else is to crop. */
export interface CropJob {
  way: 'engine' | 'naive'
  file: string
  recipes: Recipe[]
  atOnce: number
}

/** Crops, and tells what it cost this process. */
async function work({ way, file, recipes, atOnce }: CropJob): Promise<Sample> {
  const crop = way === 'engine' ? await engineCrop(file) : await naiveCrop(file)
  const startedAt = performance.now()
  const before = process.cpuUsage()
  await runAtOnce(
    atOnce,
    recipes.map((recipe) => () => crop(recipe)),
  )
  const { user, system } = process.cpuUsage(before)
  return { count: recipes.length, cpuMs: (user + system) / 1000, wallMs: performance.now() - startedAt }
}

/** The engine as the crop route calls it, on bytes in memory. */
async function engineCrop(file: string): Promise<(recipe: Recipe) => Promise<void>> {
  const { readHeader, renderVariants } = await loadEngine()
  const bytes = await readFile(file)
  return async (recipe) => {
    const header = await readHeader(bytes, 50_000_000)
    if (!header.ok) throw new Error(`the engine refused ${file}: ${header.code}`)
    const rendered = await renderVariants(bytes, header.value, recipe, defaultCollection.variants)
    if (!rendered.ok) throw new Error(`the engine refused a crop of ${file}: ${rendered.code}`)
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
// The process that started this one is gone.
process.once('disconnect', () => process.exit(1))
