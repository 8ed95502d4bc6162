import { fitArea, type Size } from '@/lib/images/geometry'
import type { Area, Recipe } from '@/lib/images/schema'
import type { Face } from './blazeface'

/** A head is an ellipse around its face: it adds forehead, hair, ears and chin. */
interface Head {
  centreX: number
  centreY: number
  /** Half the width and half the height. */
  radiusX: number
  radiusY: number
}

interface Point {
  x: number
  y: number
}

/**
 * A head in shares of the width and height of its face; its centre lies higher by `up`. These and the figures below are
 * the ones with which most crops of `npm run faces` contain the head.
 */
const headOfFace = { width: 1.5, height: 1.7, up: 0.25 }
/** Space around a head, in shares of its size on each side. */
const margin = 0.05
/** Width of the crop in shares of the circle around the heads: one head with its shoulders, several heads closer. */
const room = { one: 1.75, several: 1.2 }
/** How far the centre lies below that of a single head, in shares of its height: shoulders belong to a portrait. */
const lowerCentre = 0.1
/** Space that a head gets where its crop may differ from the wanted size for it, as at the edge of a picture. */
const comfort = 0.1
/**
 * Faces smaller than these shares of the largest one are people in the background. If a crop cannot contain the others,
 * the second share decides who else is in the background.
 */
const backgroundShares = [0.4, 0.7]

/**
 * Returns the crop that contains the heads of all faces with space around them, or the head of the largest face if they
 * do not fit. A photo is shown round, so a head must lie inside the ellipse of the area.
 * @param faces in pixels of the upright picture
 * @param sharpWidth the crop's width in pixels below which it looks soft: it is only smaller where the heads need it
 * @returns null without a face
 */
export function openingCrop(faces: readonly Face[], picture: Size, aspect: number, sharpWidth: number): Recipe | null {
  const heads = faces.map(headOf).filter((head) => isInside(head, picture))
  const largest = heads.toSorted((one, other) => other.radiusY - one.radiusY)[0]
  if (!largest) return null
  const groups = backgroundShares.map((share) => heads.filter(({ radiusY }) => radiusY >= largest.radiusY * share))
  const crops = groups.map((group) => bestCrop(group, picture, aspect, sharpWidth))
  const chosen = crops.find(({ space }) => space >= 0) ?? bestCrop([largest], picture, aspect, sharpWidth)
  return { area: chosen.area, rotate: 0, flip: { horizontal: false, vertical: false } }
}

function headOf({ x, y, width, height }: Face): Head {
  return {
    centreX: x + width / 2,
    centreY: y + height * (0.5 - headOfFace.up),
    radiusX: (width * headOfFace.width) / 2,
    radiusY: (height * headOfFace.height) / 2,
  }
}

function isInside({ centreX, centreY }: Head, { width, height }: Size): boolean {
  return centreX >= 0 && centreX <= width && centreY >= 0 && centreY <= height
}

/** Tries sizes and places. @returns the best area and its `space`: negative if the area does not contain all heads */
function bestCrop(heads: Head[], picture: Size, aspect: number, sharpWidth: number): { area: Area; space: number } {
  const outline = heads.flatMap((head) => outlineOf(head, picture))
  const circle = enclosingCircle(outline)
  const [head, another] = heads as [Head, Head?]
  const framed = 2 * circle.radius * (another ? room.several : room.one) * Math.max(1, aspect)
  const widest = Math.min(picture.width, picture.height * aspect)
  const wanted = Math.min(widest, Math.max(framed, sharpWidth))
  const lower = another ? 0 : head.radiusY * 2 * lowerCentre
  const widths = Array.from({ length: 41 }, (_, step) => wanted * 2 ** ((step - 20) / 10)).filter((it) => it < widest)
  const places = [
    { centreX: circle.x, centreY: circle.y + lower },
    { centreX: circle.x, centreY: circle.y },
    { centreX: picture.width / 2, centreY: picture.height / 2 },
  ]

  const crops = [...widths, widest].flatMap((width) =>
    places.map((place) => {
      const area = fitArea({ ...place, width }, aspect, picture)
      const space = spaceAround(outline, area) / (2 * circle.radius)
      // The heads come first, then some comfort, then the wanted size.
      const rank = Math.min(space, 0) * 100 + Math.min(space, comfort) * 6 - Math.abs(Math.log(width / wanted))
      return { area, space, rank }
    }),
  )
  return crops.reduce((best, crop) => (crop.rank > best.rank + 1e-9 ? crop : best))
}

/** Returns points around a head and its margin, or less at a side where the picture ends before. */
function outlineOf({ centreX, centreY, radiusX, radiusY }: Head, { width, height }: Size): Point[] {
  const grow = 1 + 2 * margin
  return Array.from({ length: 24 }, (_, step) => (step / 24) * 2 * Math.PI).map((angle) => {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
    const roomX = cos < 0 ? centreX : width - centreX
    const roomY = sin < 0 ? centreY : height - centreY
    return { x: centreX + Math.min(radiusX * grow, roomX) * cos, y: centreY + Math.min(radiusY * grow, roomY) * sin }
  })
}

/** Returns nearly the smallest circle around points, by steps towards the farthest one (Bădoiu and Clarkson 2003). */
function enclosingCircle(points: Point[]): Point & { radius: number } {
  const centre = { ...(points[0] as Point) }
  const distanceTo = (point: Point) => Math.hypot(point.x - centre.x, point.y - centre.y)
  for (let step = 1; step <= 200; step++) {
    const farthest = points.reduce((one, other) => (distanceTo(other) > distanceTo(one) ? other : one))
    centre.x += (farthest.x - centre.x) / (step + 1)
    centre.y += (farthest.y - centre.y) / (step + 1)
  }
  return { ...centre, radius: Math.max(...points.map(distanceTo)) }
}

/** Returns how far the outermost point lies inside the ellipse of the area, in pixels of its shorter axis. */
function spaceAround(points: Point[], { x, y, width, height }: Area): number {
  const shares = points.map((point) => Math.hypot((point.x - x) / width - 0.5, (point.y - y) / height - 0.5))
  return (0.5 - Math.max(...shares)) * Math.min(width, height)
}
