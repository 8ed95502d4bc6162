import sharp from 'sharp'
import { difference } from '../compare'
import { turnedHeic, wideGamutHeic } from '../heic-files'
import { oriented, type Photo } from '../photos'
import { mimeTypes, shownFiles } from '../shown-files'
import { choose, expect, save, screenshotFrame, test } from './firefox'

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

test('S24: Firefox gives workers what their own policy allows, and pages no WebAssembly', async ({ firefox }) => {
  await choose(firefox, await oriented(1))
  const refusal = await firefox.evaluate(() =>
    WebAssembly.compile(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)).then(
      () => 'compiled',
      (error: Error) => error.name,
    ),
  )
  expect(refusal).toBe('CompileError')
})
