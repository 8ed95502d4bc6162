import { Recipe } from '@/lib/images/schema'

/** The crop as search parameters: `area=x,y,width,height`, and, where it is turned or flipped, `rotate`, `flip=h,v`. */
export function recipeToParams({ area, rotate, flip }: Recipe): URLSearchParams {
  const params = new URLSearchParams({ area: [area.x, area.y, area.width, area.height].join() })
  if (rotate !== 0) params.set('rotate', String(rotate))
  const axes = [flip.horizontal && 'h', flip.vertical && 'v'].filter(Boolean)
  if (axes.length > 0) params.set('flip', axes.join())
  return params
}

/** The address of the crop page of an upload, with a recipe to start from. */
export function cropPath(uploadId: string, recipe: Recipe): string {
  return `/crop/${uploadId}?${recipeToParams(recipe).toString().replaceAll('%2C', ',')}`
}

/** The crop that a page's search parameters hold, or null where they hold none or a bad one. */
export function recipeFromParams(params: Record<string, string | string[] | undefined>): Recipe | null {
  const { area, rotate = '0', flip = '' } = params
  if (typeof area !== 'string' || typeof rotate !== 'string' || typeof flip !== 'string') return null
  const sides = /^(\d+),(\d+),(\d+),(\d+)$/.exec(area)
  if (!sides || rotate === '' || !/^(|h|v|h,v)$/.test(flip)) return null
  const [x, y, width, height] = sides.slice(1).map(Number)
  const parsed = Recipe.safeParse({
    area: { x, y, width, height },
    rotate: Number(rotate),
    flip: { horizontal: flip.includes('h'), vertical: flip.includes('v') },
  })
  return parsed.success ? parsed.data : null
}
