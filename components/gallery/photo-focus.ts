/** The id of the gallery's heading, which gets the focus when no photo is left. */
export const headingId = 'gallery-heading'

/** Returns the id of a photo's list item. */
export const photoId = (imageId: string) => `photo-${imageId}`

/** Moves the focus to a photo's tile, or to the heading if there is none. */
export function focusPhoto(imageId: string | null): void {
  const tile = imageId && document.getElementById(photoId(imageId))?.querySelector('button')
  const place = tile || document.getElementById(headingId)
  place?.focus()
}
