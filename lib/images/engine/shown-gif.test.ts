import { describe, expect, test } from 'vitest'
import { readHeader } from './header'
import { extractAll } from './test-support/extract-all'
import { type GifFrame, gif, gifColours, gifOfFrames } from './test-support/gif'

const noFlip = { horizontal: false, vertical: false }

/** Returns the size of a GIF and, for each frame, the colours at points: an index of `gifColours`, or null. */
async function draw(bytes: Buffer, points: readonly (readonly [number, number])[]) {
  const header = await readHeader(bytes, 5e7)
  if (!header.ok) throw new Error(header.code)
  const { upright } = header.value
  const recipe = { area: { x: 0, y: 0, ...upright }, rotate: 0, flip: noFlip }
  const frames = await extractAll(bytes, header.value, recipe, upright)
  if (!frames) throw new Error('unreadable')
  const colours = frames.map(({ data, width, channels }) =>
    points.map(([x, y]) => {
      const [red, green, blue, alpha = 255] = data.subarray((y * width + x) * channels).subarray(0, channels)
      return alpha === 0 ? null : gifColours.findIndex((colour) => `${colour}` === `${[red, green, blue]}`)
    }),
  )
  return { size: [upright.width, upright.height], colours }
}

const frame = (x: number, y: number, width: number, height: number, colour: number, more?: Partial<GifFrame>) => ({
  ...{ x, y, width, height, colour },
  ...more,
})

// What Chromium shows: e2e/shown-and-saved.spec.ts compares it.
describe('gif-common-screen-size: a GIF has the size of its screen', () => {
  test.each([
    [640, 480],
    [640, 512],
    [800, 600],
    [1024, 768],
    [1280, 1024],
    [1600, 1200],
    [3000, 70],
  ])('%i × %i, with a smaller first frame', async (width, height) => {
    const screen = { width, height }
    const points = [
      [0, 0],
      [25, 30],
      [width - 1, height - 1],
    ] as const
    const still = await draw(gifOfFrames(screen, frame(20, 25, 30, 40, 0)), points)
    expect(still).toEqual({ size: [width, height], colours: [[null, 0, null]] })
    const moving = await draw(gifOfFrames(screen, frame(20, 25, 30, 40, 0), frame(width - 9, 0, 9, height, 1)), points)
    expect(moving).toEqual({
      size: [width, height],
      colours: [
        [null, 0, null],
        [null, 0, 1],
      ],
    })
  })

  test('or of its first frame, if the screen is smaller or empty', async () => {
    for (const [screen, size] of [
      [{ width: 0, height: 0 }, [70, 45]],
      [{ width: 0, height: 80 }, [70, 80]],
      [{ width: 50, height: 30 }, [70, 45]],
    ] as const) {
      // The second frame does not enlarge it.
      const bytes = gifOfFrames(screen, frame(10, 5, 60, 40, 0), frame(0, 0, 90, 90, 1))
      const drawn = await draw(bytes, [
        [0, 0],
        [69, 44],
      ])
      expect(drawn).toEqual({
        size,
        colours: [
          [null, 0],
          [1, 1],
        ],
      })
    }
  })

  test('S16: counts the pixels of the screen, for all frames', async () => {
    // One empty frame precedes the five. It does not count: the page does not know it when the file is chosen.
    expect(await readHeader(gif({ width: 1000, height: 1000 }, 5), 9_999_999)).toMatchObject({ ok: false })
    expect(await readHeader(gif({ width: 1000, height: 1000 }, 5), 10_000_000)).toMatchObject({
      value: { frames: 5, loadedFrames: 6 },
    })
  })
})

describe('gif-opaque-outside: what no frame covers is transparent', () => {
  const screen = { width: 100, height: 80 }
  const points = [
    [0, 0],
    [30, 30],
    [99, 79],
  ] as const

  test('around an opaque frame', async () => {
    const bytes = gifOfFrames(screen, frame(20, 20, 40, 40, 0))
    expect((await draw(bytes, points)).colours).toEqual([[null, 0, null]])
    const moving = gifOfFrames(screen, frame(20, 20, 40, 40, 0), frame(90, 70, 10, 10, 1))
    expect((await draw(moving, points)).colours).toEqual([
      [null, 0, null],
      [null, 0, 1],
    ])
  })

  test('after an opaque frame that is cleared', async () => {
    const cleared = { disposal: 2 }
    const bytes = gifOfFrames(
      screen,
      frame(0, 0, 100, 80, 0, { disposal: 1 }),
      frame(20, 20, 40, 40, 1, cleared),
      frame(0, 0, 10, 10, 2),
      frame(0, 0, 100, 80, 3, cleared),
      frame(20, 20, 40, 40, 1, { ...cleared, transparent: 3 }),
      frame(0, 0, 10, 10, 2),
    )
    expect((await draw(bytes, points)).colours).toEqual([
      [0, 0, 0],
      [0, 1, 0],
      [2, null, 0],
      [3, 3, 3],
      [null, 1, null],
      [2, null, null],
    ])
  })

  test('after a first frame that is undone', async () => {
    const bytes = gifOfFrames(screen, frame(0, 0, 50, 50, 0, { disposal: 3 }), frame(90, 70, 10, 10, 1))
    expect((await draw(bytes, points)).colours).toEqual([
      [0, 0, null],
      [null, null, 1],
    ])
  })
})
