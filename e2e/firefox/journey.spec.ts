import sharp from 'sharp'
import { difference } from '../compare'
import { turnedHeic, wideGamutHeic } from '../heic-files'
import { oriented, type Photo, portrait } from '../photos'
import { mimeTypes, shownFiles } from '../shown-files'
import { choose, expect, press, save, screenshotFrame, test } from './firefox'

/** A JPEG whose profile exchanges the colours. */
async function withProfile(): Promise<Photo> {
  const file = shownFiles['colour profiles']?.find(({ name }) => name === 'profile.jpg')
  return { name: 'profile.jpg', mimeType: mimeTypes.jpg, buffer: (await file?.create()) as Buffer }
}

const photos: Record<string, () => Promise<Photo>> = {
  'turned by EXIF': () => oriented(6),
  'turned and mirrored by EXIF': () => oriented(7),
  'with a colour profile': withProfile,
  'HEIC, turned': turnedHeic,
  'HEIC, in Display P3': wideGamutHeic,
}

for (const [name, create] of Object.entries(photos)) {
  test(`U14, U80: Firefox saves what its frame shows: ${name}`, async ({ firefox }) => {
    await choose(firefox, await create())
    // From now on, the frame no longer moves to a face.
    await press(firefox, 'Zoom in')
    const shown = await screenshotFrame(firefox)
    const saved = await save(firefox)
    const distance = await difference(shown, saved)
    expect(distance, 'saved against shown').toBeLessThan(5)
    // The measure notices a turned and a mirrored photo, and other colours.
    const wrong = [
      sharp(saved).rotate(90),
      sharp(saved).flop(),
      sharp(saved).recomb([
        [0, 1, 0],
        [1, 0, 0],
        [0, 0, 1],
      ]),
    ]
    for (const one of wrong)
      expect(await difference(shown, await one.png().toBuffer())).toBeGreaterThan(distance * 2 + 1)
  })
}

test('S24, U50: Firefox finds faces in a worker, which alone may compile WebAssembly', async ({ firefox }) => {
  await choose(firefox, await portrait())
  await firefox.waitForSelector('::-p-aria(Fit face)')
  const refusal = await firefox.evaluate(() =>
    WebAssembly.compile(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)).then(
      () => 'compiled',
      (error: Error) => error.name,
    ),
  )
  expect(refusal).toBe('CompileError')
})
