import type { SavedImage } from '@/lib/images/schema'

/**
 * Returns a different name for each image, by imageId: its description, else `nameByDate`. Names that repeat get a
 * number, counted from the oldest image, so that a new photo does not rename others.
 * @param images newest first
 */
export function namePhotos(
  images: readonly SavedImage[],
  nameByDate: (savedAt: string) => string,
  numbered: (name: string, number: number) => string,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const uses = new Map<string, number>()
  for (const { imageId, alt, savedAt } of images.toReversed()) {
    const name = alt || nameByDate(savedAt)
    const number = (uses.get(name) ?? 0) + 1
    uses.set(name, number)
    names.set(imageId, number === 1 ? name : numbered(name, number))
  }
  return names
}
