import { readFileSync } from 'node:fs'
import { wcagContrast } from 'culori'
import { expect, test } from 'vitest'

const css = readFileSync('app/globals.css', 'utf8')

/** The colours of each token: `[light, dark]`. */
const tokens = new Map(
  Array.from(css.matchAll(/^ {2}--([\w-]+): (?:light-dark\((oklch\(.+?\)), (oklch\(.+?\))\)|(oklch\(.+?\)));$/gm)).map(
    ([, name = '', light, dark, both]) => [name, [light ?? both, dark ?? both] as [string, string]],
  ),
)

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

test('U70: every text token has a contrast of 4.5:1 on its backgrounds, light and dark', () => {
  const pairs = texts.flatMap(([text, backgrounds]) => backgrounds.map((background) => [text, background] as const))
  expect(tooWeak(pairs, 4.5)).toEqual([])
})

test('U70: borders of controls have a contrast of 3:1 on pages', () => {
  expect(
    tooWeak(
      [
        ['control', 'canvas'],
        ['control', 'surface'],
      ],
      3,
    ),
  ).toEqual([])
})

test('U70: the accent of the dark theme is readable in the studio', () => {
  const [, accent] = tokens.get('accent') as [string, string]
  for (const studio of ['studio', 'studio-raised']) {
    expect(wcagContrast(accent, tokens.get(studio)?.[0] as string)).toBeGreaterThanOrEqual(4.5)
  }
})

/** Returns the pairs that are below a contrast, as `light muted on raised: 4.2`. */
function tooWeak(pairs: (readonly [string, string])[], least: number): string[] {
  return pairs.flatMap(([text, background]) =>
    ['light', 'dark'].flatMap((theme, index) => {
      const contrast = wcagContrast(tokens.get(text)?.[index] as string, tokens.get(background)?.[index] as string)
      return contrast >= least ? [] : [`${theme} ${text} on ${background}: ${contrast.toFixed(2)}`]
    }),
  )
}
