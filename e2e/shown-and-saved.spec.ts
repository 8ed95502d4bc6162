import type { Page } from 'playwright/test'
import sharp, { type Sharp } from 'sharp'
import { fitArea, type Size } from '@/lib/images/geometry'
import type { CropAnswer } from '@/lib/images/schema'
import { ApiClient, type UploadFile } from '@/tools/testing/api-client'
import { siteOrigin } from './addresses'
import { mimeTypes, type ShownFile, shownFiles } from './shown-files'
import { expect, test } from './test'

/** A picture as the browser shows it: the size of the <img>, and what it draws, as a PNG. */
interface Shown {
  size: Size
  png: Buffer
}

async function show(page: Page, { buffer, mimeType }: UploadFile): Promise<Shown> {
  const { url, ...size } = await page.evaluate(
    async ({ base64, type }) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
      const image = new Image()
      image.src = URL.createObjectURL(new Blob([bytes], { type }))
      await image.decode()
      const canvas = document.createElement('canvas')
      const { naturalWidth: width, naturalHeight: height } = image
      Object.assign(canvas, { width, height })
      canvas.getContext('2d')?.drawImage(image, 0, 0)
      return { width, height, url: canvas.toDataURL('image/png') }
    },
    { base64: buffer.toString('base64'), type: mimeType },
  )
  return { size, png: Buffer.from(url.slice(url.indexOf(',') + 1), 'base64') }
}

/** Crops the largest square of the drawn rows. @returns the largest variant; of an animation, its first frame */
async function save(person: ApiClient, upload: UploadFile, size: Size, missingRows: number) {
  const uploadId = await person.upload(upload)
  const drawn = { ...size, height: size.height - missingRows }
  const area = fitArea({ centreX: drawn.width / 2, centreY: drawn.height / 2, width: drawn.width }, 1, drawn)
  const crop = await person.call<CropAnswer>(200, 'POST', '/api/crop', { uploadId, area, shown: size })
  expect(crop.source).toMatchObject({ ...size })
  const [largest] = crop.variants
  const answer = await fetch(largest?.posterUrl ?? (largest?.url as string))
  return { area, webp: Buffer.from(await answer.arrayBuffer()) }
}

const side = 64

/** Returns colours multiplied by alpha, and alpha, at a size that hides differences of scaling and encoding. */
async function coarse(picture: Sharp): Promise<Buffer> {
  const scaled = await picture.ensureAlpha().resize(side, side, { fit: 'fill' }).raw().toBuffer()
  for (let at = 0; at < scaled.length; at += 4) {
    for (const channel of [0, 1, 2])
      scaled[at + channel] = ((scaled[at + channel] as number) * (scaled[at + 3] as number)) / 255
  }
  return scaled
}

/** Returns the mean absolute difference of all channels, 0 to 255. */
function distance(one: Buffer, other: Buffer): number {
  return one.reduce((sum, value, at) => sum + Math.abs(value - (other[at] as number)), 0) / one.length
}

async function expectSavedAsShown(page: Page, person: ApiClient, file: ShownFile): Promise<void> {
  const { name, missingRows, create } = file
  const mimeType = mimeTypes[name.split('.').at(-1) as keyof typeof mimeTypes]
  const upload = { name, mimeType, buffer: await create() }
  const shown = await show(page, upload)
  const { area, webp } = await save(person, upload, shown.size, missingRows)
  const { x: left, y: top, width, height } = area
  const part = await sharp(shown.png).extract({ left, top, width, height }).png().toBuffer()
  const [expected, saved] = await Promise.all([coarse(sharp(part)), coarse(sharp(webp))])
  const off = distance(expected, saved)
  expect(off, name).toBeLessThan(2)
  // The measure notices a turned picture.
  const turned = await sharp(webp).rotate(90).png().toBuffer()
  expect(distance(expected, await coarse(sharp(turned))), name).toBeGreaterThan(5)
}

test.describe('U14: the saved image equals what Chromium shows:', () => {
  for (const [kind, files] of Object.entries(shownFiles)) {
    test(kind, async ({ page }) => {
      await page.goto('/')
      const person = await ApiClient.signIn({ origin: siteOrigin })
      for (const file of files) await expectSavedAsShown(page, person, file)
    })
  }
})
