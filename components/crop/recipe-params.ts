import type { Recipe } from '@/lib/images/schema'

/** Returns a recipe as search parameters: `area=x,y,width,height` and, unless default, `rotate` and `flip=h,v`. */
export function recipeToParams({ area, rotate, flip }: Recipe): URLSearchParams {
  const params = new URLSearchParams({ area: [area.x, area.y, area.width, area.height].join() })
  if (rotate !== 0) params.set('rotate', String(rotate))
  const axes = [flip.horizontal && 'h', flip.vertical && 'v'].filter(Boolean)
  if (axes.length > 0) params.set('flip', axes.join())
  return params
}

/** Returns the path of an upload's crop page that opens with a recipe. */
export function cropPath(uploadId: string, recipe: Recipe): string {
  return `/crop/${uploadId}?${recipeToParams(recipe).toString().replaceAll('%2C', ',')}`
}

/**
 * Parses the recipe in a page's search parameters. Returns null if it is missing or invalid. Checks by hand what the
 * schema `Recipe` checks, because zod is too large for a page.
 */
export function recipeFromParams(params: Record<string, string | string[] | undefined>): Recipe | null {
  const { area, rotate = '0', flip = '' } = params
  if (typeof area !== 'string' || typeof rotate !== 'string' || typeof flip !== 'string') return null
  const sides = /^(\d+),(\d+),(\d+),(\d+)$/.exec(area)?.slice(1).map(Number)
  if (!sides?.every(Number.isSafeInteger) || rotate === '' || !/^(|h|v|h,v)$/.test(flip)) return null
  const [x, y, width, height] = sides as [number, number, number, number]
  const degrees = Number(rotate)
  if (width === 0 || height === 0 || !(degrees >= 0 && degrees < 360)) return null
  return {
    area: { x, y, width, height },
    rotate: degrees,
    flip: { horizontal: flip.includes('h'), vertical: flip.includes('v') },
  }
}
