import { readFile } from 'node:fs/promises'
import { deflateSync } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, test } from 'vitest'
import { readHeader } from './header'
import { createGrayProfile } from './icc-profile'
import { withColourProfile } from './png-colour'
import { fromRaw } from './sharp'
import { extractAll } from './test-support/extract-all'
import {
  adobeRgb,
  createProfile,
  displayP3,
  type Space,
  shuffled,
  toSpace,
  withProfile,
} from './test-support/icc-profile'
import { insertPngChunks, png, pngChunk, pngColour } from './test-support/png'
import { createPattern, decodeStored, difference, encode, type Pixels } from './test-support/reference-render'

const size = { width: 64, height: 48 }

/** Returns the whole picture at the given size. */
async function renderWhole(bytes: Uint8Array, to = size): Promise<Pixels> {
  const header = await readHeader(bytes, 1e9)
  if (!header.ok) throw new Error(header.code)
  const area = { x: 0, y: 0, ...header.value.upright }
  const recipe = { area, rotate: 0, flip: { horizontal: false, vertical: false } }
  const [extracted] = (await extractAll(bytes, header.value, recipe, to)) ?? []
  if (!extracted) throw new Error('unreadable')
  return decodeStored(await fromRaw(extracted).png().toBuffer())
}

describe('keeps the colours of every pixel format:', () => {
  const gray = createPattern(size)
  for (let at = 0; at < gray.data.length; at += 4) gray.data.fill(gray.data[at] as number, at, at + 3)
  const others: Record<string, () => Sharp> = {
    'gray PNG': () => encode(gray).removeAlpha().toColourspace('b-w').png(),
    'gray PNG with alpha': () => encode(gray).toColourspace('b-w').png(),
    'PNG of 16 bits a channel': () => encode(gray).toColourspace('rgb16').png(),
    'PNG with a palette': () => encode(gray).png({ palette: true, dither: 0 }),
    'gray JPEG': () => encode(gray).removeAlpha().toColourspace('b-w').jpeg({ quality: 95 }),
    'CMYK JPEG': () => encode(gray).removeAlpha().toColourspace('cmyk').jpeg({ quality: 95 }),
  }
  test.each(Object.keys(others))('%s', async (name) => {
    const bytes = await (others[name] as () => Sharp)().toBuffer()
    // Without a profile CMYK becomes slightly darker; an inverting loader would differ far more.
    expect(difference(await renderWhole(bytes), gray).colour).toBeLessThan(name === 'CMYK JPEG' ? 16 : 8)
  })

  test('keeps alpha exactly', async () => {
    const pattern = createPattern(size)
    for (const bytes of [
      await encode(pattern).png().toBuffer(),
      await encode(pattern).webp({ lossless: true, exact: true }).toBuffer(),
    ]) {
      expect(difference(await renderWhole(bytes), pattern).alpha).toBe(0)
    }
  })
})

describe.each<[string, Space]>([
  ['Display P3', displayP3],
  ['Adobe RGB', adobeRgb],
  ['a space with reordered channels', shuffled],
])('converts a photo in %s to sRGB', (_name, space) => {
  // Once decoded at full size, once shrunk by the loader before the profile applies.
  test.each([1, 10])('when it is %d times as large as the result', async (times) => {
    for (const colour of [
      [200, 90, 40],
      [60, 120, 180],
      [128, 128, 128],
      [240, 235, 225],
    ] as const) {
      const [r, g, b] = toSpace(colour, space)
      const [width, height] = [size.width * times, size.height * times]
      const flat = sharp({ create: { width, height, channels: 3, background: { r, g, b } } })
      const plain = await flat.jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer()
      const { data } = await renderWhole(withProfile(plain, createProfile(space)))
      for (const [channel, value] of colour.entries()) {
        expect(Math.abs((data[channel] as number) - value), `${colour}`).toBeLessThanOrEqual(3)
      }
      // Without the profile the colours differ.
      if (colour[0] !== colour[1])
        expect(Array.from((await renderWhole(plain)).data.slice(0, 3))).not.toEqual([...colour])
    }
  })
})

const linear = (stored: number) => stored

/** The colours of the four quarters of a picture. */
type Quarters = readonly (readonly number[])[]

/** Creates a PNG of four quarters, with the given bits per channel. */
function pngOfQuarters(quarters: Quarters, depth: 8 | 16, colour: number, profile: Buffer): Buffer {
  const lines: number[] = []
  for (let y = 0; y < size.height; y += 1) {
    lines.push(0)
    for (let x = 0; x < size.width; x += 1) {
      const at = (y < size.height / 2 ? 0 : 2) + (x < size.width / 2 ? 0 : 1)
      for (const value of quarters[at] ?? []) lines.push(...(depth === 16 ? [value, value] : [value]))
    }
  }
  const bytes = png({ ...size, depth, colour }, Buffer.from(lines))
  return insertPngChunks(bytes, pngChunk('iCCP', Buffer.concat([Buffer.from('icc\0\0'), deflateSync(profile)])))
}

/** Returns the colour in the middle of each quarter. */
function quartersOf({ data, width, height }: Pixels): number[][] {
  const middles = [1, 3].flatMap((y) => [1, 3].map((x) => Math.floor((y * height) / 4) * width + (x * width) / 4))
  return middles.map((at) => Array.from(data.slice(at * 4, at * 4 + 4)))
}

function expectClose(colours: number[][], expected: Quarters): void {
  for (const [at, colour] of expected.entries()) {
    for (const [channel, value] of colour.entries()) {
      expect(Math.abs((colours[at]?.[channel] as number) - value), `${colours[at]}`).toBeLessThanOrEqual(3)
    }
  }
}

const colours = [
  [255, 0, 0],
  [0, 255, 0],
  [200, 90, 40],
  [60, 120, 180],
]
/** The same colours of Display P3 in sRGB, as Chromium shows them. */
const coloursFromP3 = [
  [255, 0, 0],
  [0, 255, 0],
  [216, 81, 15],
  [30, 122, 185],
]

describe('png-16bit-profile: a PNG of 16 bits has the colours of its 8-bit twin', () => {
  const profiles: Record<string, Buffer> = {
    'Display P3': createProfile(displayP3),
    'Adobe RGB': createProfile(adobeRgb),
    'reordered channels': createProfile(shuffled),
    'no profile that can be read': Buffer.alloc(300, 7),
  }
  const kinds = [
    { kind: 'RGB', colour: pngColour.rgb, quarters: colours },
    { kind: 'RGB with alpha', colour: pngColour.rgba, quarters: colours.map((rgb, at) => [...rgb, 255 - 50 * at]) },
  ]
  test.each(kinds.flatMap((kind) => Object.keys(profiles).map((profile) => ({ ...kind, profile }))))(
    '$kind, $profile',
    async ({ quarters, colour, profile }) => {
      const of = (depth: 8 | 16) => pngOfQuarters(quarters, depth, colour, profiles[profile] as Buffer)
      // At its own size, and shrunk.
      for (const to of [size, { width: 16, height: 12 }]) {
        const twin = quartersOf(await renderWhole(of(8), to))
        expectClose(quartersOf(await renderWhole(of(16), to)), twin)
        // The profile applies: this red of 200 is stronger in sRGB.
        if (profile === 'Display P3') expect(twin[2]?.[0]).toBeGreaterThan(212)
      }
    },
  )

  test.each([pngColour.gray, pngColour.grayAlpha])('gray, colour type %d', async (colour) => {
    const grays = [[30], [100], [180], [240]].map((gray) => (colour === pngColour.gray ? gray : [...gray, 200]))
    const of = (depth: 8 | 16) => pngOfQuarters(grays, depth, colour, createGrayProfile(linear))
    const twin = quartersOf(await renderWhole(of(8)))
    // A linear gray is much lighter in sRGB.
    expect(twin[1]?.[0]).toBeGreaterThan(150)
    expectClose(quartersOf(await renderWhole(of(16))), twin)
  })
})

test('avif-10bit-profile: an AVIF of 10 bits in Display P3 has the colours that Chromium shows', async () => {
  const bytes = await readFile(new URL('./test-support/p3-10bit.avif', import.meta.url))
  expect(await sharp(bytes).metadata()).toMatchObject({ depth: 'ushort', hasProfile: true })
  expectClose(quartersOf(await renderWhole(bytes)), coloursFromP3)
})

describe('png-cicp: a PNG without a profile has the colours that its chunks state', () => {
  const u32 = (...values: number[]) => {
    const bytes = Buffer.alloc(4 * values.length)
    for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, 4 * at)
    return bytes
  }
  const gamma = (value: number) => pngChunk('gAMA', u32(value))
  const cicp = (...values: number[]) => pngChunk('cICP', Buffer.from(values))
  const p3Primaries = pngChunk('cHRM', u32(31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000))
  const srgb = pngChunk('sRGB', Buffer.from([0]))
  const profile = pngChunk('iCCP', Buffer.concat([Buffer.from('icc\0\0'), deflateSync(createProfile(shuffled))]))

  /** Creates a PNG of 8 bits per channel with the chunks. */
  function pngWith(quarters: Quarters, colour: number, ...chunks: Buffer[]): Buffer {
    const lines: number[] = []
    for (let y = 0; y < size.height; y += 1) {
      lines.push(0)
      for (let x = 0; x < size.width; x += 1) {
        lines.push(...(quarters[(y < size.height / 2 ? 0 : 2) + (x < size.width / 2 ? 0 : 1)] ?? []))
      }
    }
    return png({ ...size, depth: 8, colour }, Buffer.from(lines), ...chunks)
  }

  // The third and the fourth colour, as Chromium shows them.
  test.each<[string, Buffer[], Quarters]>([
    [
      'Display P3',
      [cicp(12, 13, 0, 1)],
      [
        [216, 81, 13],
        [30, 122, 185],
      ],
    ],
    [
      'BT.2020',
      [cicp(9, 1, 0, 1)],
      [
        [241, 42, 0],
        [0, 117, 182],
      ],
    ],
    [
      'BT.601',
      [cicp(6, 13, 0, 1)],
      [
        [195, 93, 39],
        [67, 121, 180],
      ],
    ],
    [
      'DCI-P3',
      [cicp(11, 13, 0, 1)],
      [
        [211, 81, 15],
        [41, 121, 185],
      ],
    ],
    [
      'linear',
      [cicp(1, 8, 0, 1)],
      [
        [229, 160, 110],
        [133, 183, 219],
      ],
    ],
    [
      'gamma 2.8',
      [cicp(1, 5, 0, 1)],
      [
        [189, 66, 17],
        [36, 98, 165],
      ],
    ],
    [
      'cICP before a profile and sRGB',
      [cicp(12, 13, 0, 1), profile, srgb],
      [
        [216, 81, 13],
        [30, 122, 185],
      ],
    ],
    ['unspecified', [cicp(2, 2, 0, 1)], colours.slice(2)],
    ['narrow range', [cicp(12, 13, 0, 0)], colours.slice(2)],
    ['gAMA of sRGB', [gamma(45455)], colours.slice(2)],
    [
      'gAMA 1',
      [gamma(100_000)],
      [
        [229, 160, 110],
        [133, 183, 219],
      ],
    ],
    [
      'gAMA with cHRM',
      [gamma(45455), p3Primaries],
      [
        [217, 80, 0],
        [22, 123, 187],
      ],
    ],
    ['cHRM alone', [p3Primaries], colours.slice(2)],
    ['sRGB before gAMA', [srgb, gamma(100_000)], colours.slice(2)],
    ['gAMA 0', [gamma(0)], colours.slice(2)],
  ])('%s', async (_name, chunks, expected) => {
    expectClose(quartersOf(await renderWhole(pngWith(colours, pngColour.rgb, ...chunks))).slice(2), expected)
  })

  test('gray', async () => {
    const grays = quartersOf(await renderWhole(pngWith([[30], [100], [180], [240]], pngColour.gray, gamma(100_000))))
    expectClose(
      grays.map(([gray]) => [gray as number]),
      [[95], [168], [218], [248]],
    )
  })

  test('ignores primaries that span no colours', () => {
    for (const values of [Array(8).fill(0), Array(8).fill(30_000), [...Array(7).fill(20_000), 0], Array(8).fill(4e9)]) {
      const bytes = pngWith(colours, pngColour.rgb, gamma(45455), pngChunk('cHRM', u32(...values)))
      expect(withColourProfile(bytes)).toBe(bytes)
    }
  })
})
