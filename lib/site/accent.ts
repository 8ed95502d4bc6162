import 'server-only'
import { clampChroma, converter, formatHex, type Oklch, wcagContrast } from 'culori'

/** The shades of an accent in one theme, as hex: text and fills, text on fills, quiet fills. */
interface Shades {
  accent: string
  ink: string
  soft: string
}

/** What text in the accent is read on, apart from its own quiet fill: the extreme surfaces of app/globals.css. */
const pages = {
  light: 'oklch(95.4% 0.01 95)',
  dark: 'oklch(26% 0.013 168)',
}

/** The contrast of WCAG 2.2, and some room for rounding. */
const leastContrast = 4.6

const toOklch = converter('oklch')

/**
 * Returns the shades of any colour for both themes. The hue stays. The lightness moves just as far as text in the
 * accent, and text on it, need for a contrast of 4.5:1.
 * @param colour hex
 */
export function accentShades(colour: string): { light: Shades; dark: Shades } {
  const { l, c, h } = toOklch(colour) as Oklch
  const shade = (lightness: number, chroma: number) =>
    formatHex(clampChroma({ mode: 'oklch', l: lightness, c: chroma, h }, 'oklch'))
  const firstReadable = (backgrounds: string[], step: number) => {
    let lightness = l
    const weakest = () => Math.min(...backgrounds.map((each) => wcagContrast(shade(lightness, c), each)))
    while (weakest() < leastContrast) lightness += step
    return shade(lightness, c)
  }
  const light = { ink: '#ffffff', soft: shade(0.94, Math.min(c, 0.03)) }
  const dark = { ink: shade(0.2, Math.min(c, 0.045)), soft: shade(0.29, Math.min(c, 0.045)) }
  return {
    light: { ...light, accent: firstReadable([pages.light, light.soft], -0.005) },
    dark: { ...dark, accent: firstReadable([pages.dark, dark.soft], 0.005) },
  }
}

/** Returns the CSS variables that replace the accent of `app/globals.css`. @param colour hex */
export function accentStyle(colour: string): Record<`--${string}`, string> {
  const { light, dark } = accentShades(colour)
  return {
    '--site-accent': `light-dark(${light.accent}, ${dark.accent})`,
    '--site-accent-ink': `light-dark(${light.ink}, ${dark.ink})`,
    '--site-accent-soft': `light-dark(${light.soft}, ${dark.soft})`,
  }
}
