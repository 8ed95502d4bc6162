import { readFileSync } from 'node:fs'
import { formatHex, wcagContrast } from 'culori'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { accentStyle } from '@/lib/site/accent'
import { canvas } from '@/lib/site/canvas'

/** The colours of each token: `[light, dark]`. */
type Tokens = Map<string, [light: string, dark: string]>

const declaration =
  /--(?:site-)?([\w-]+): (?:(?:var\(--site-[\w-]+, )?light-dark\(([^()]+|\w+\(.+?\)), ([^()]+|\w+\(.+?\))\)+|(oklch\(.+?\)));/g

function readTokens(css: string): Tokens {
  return new Map(
    [...css.matchAll(declaration)].map(([, name = '', light, dark, both]) => [
      name,
      [light ?? both, dark ?? both] as [string, string],
    ]),
  )
}

const tokens = readTokens(readFileSync('app/globals.css', 'utf8'))

const pages = ['canvas', 'surface', 'raised']

/** Texts, and the backgrounds that they are read on. */
const texts: [text: string, backgrounds: string[]][] = [
  ['ink', [...pages, 'accent-soft', 'danger-soft']],
  ['muted', [...pages, 'accent-soft', 'danger-soft']],
  ['accent', [...pages, 'accent-soft']],
  ['danger', [...pages, 'danger-soft']],
  ['good', pages],
  ['accent-ink', ['accent']],
  ['danger-ink', ['danger']],
  ['studio-ink', ['studio', 'studio-raised']],
  ['studio-muted', ['studio', 'studio-raised']],
]

/** Returns the texts that are hard to read, as `light muted on raised: 4.2`. */
function tooWeak(all: Tokens): string[] {
  const colour = (name: string, theme: number) => all.get(name)?.[theme] as string
  const pairs = texts.flatMap(([text, backgrounds]) =>
    backgrounds.flatMap((background) =>
      ['light', 'dark'].map((theme, index) => ({
        name: `${theme} ${text} on ${background}`,
        contrast: wcagContrast(colour(text, index), colour(background, index)),
      })),
    ),
  )
  // In the studio, the accent is always that of the dark theme.
  const inStudio = ['studio', 'studio-raised'].map((background) => ({
    name: `accent on ${background}`,
    contrast: wcagContrast(colour('accent', 1), colour(background, 0)),
  }))
  return [...pairs, ...inStudio].flatMap(({ name, contrast }) =>
    contrast >= 4.5 ? [] : [`${name}: ${contrast.toFixed(2)}`],
  )
}

test('U70: every text token has a contrast of 4.5:1 on its backgrounds, light and dark', () => {
  expect(tokens.size).toBeGreaterThan(15)
  expect(tooWeak(tokens)).toEqual([])
})

test('U70: borders of controls have a contrast of 3:1 on pages', () => {
  for (const page of ['canvas', 'surface']) {
    for (const theme of [0, 1]) {
      const [border, background] = [tokens.get('control')?.[theme], tokens.get(page)?.[theme]] as [string, string]
      expect(wcagContrast(border, background), page).toBeGreaterThanOrEqual(3)
    }
  }
})

test('the colour of the window is the background of pages', () => {
  expect(tokens.get('canvas')?.map((colour) => formatHex(colour))).toEqual([canvas.light, canvas.dark])
})

const channel = fc.integer({ min: 0, max: 255 })

test('U72: with any accent, texts keep a contrast of 4.5:1, light and dark', () => {
  fc.assert(
    fc.property(fc.tuple(channel, channel, channel), (rgb) => {
      const accent = `#${rgb.map((each) => each.toString(16).padStart(2, '0')).join('')}`
      const css = Object.entries(accentStyle(accent)).map(([name, value]) => `${name}: ${value};`)
      const own = readTokens(css.join('\n'))
      expect([...own.keys()]).toEqual(['accent', 'accent-ink', 'accent-soft'])
      expect(tooWeak(new Map([...tokens, ...own]))).toEqual([])
    }),
    { numRuns: 500, examples: [[[0, 0, 0]], [[255, 255, 255]], [[255, 212, 0]], [[0, 0, 255]], [[0, 255, 0]]] },
  )
})
