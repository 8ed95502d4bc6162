import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fitArea, hasAspect, isInside, type Size } from '@/lib/images/geometry'
import type { Area } from '@/lib/images/schema'
import type { Face } from './blazeface'
import { openingCrop } from './opening-crop'

const pictures = fc.record({ width: fc.integer({ min: 60, max: 6000 }), height: fc.integer({ min: 60, max: 6000 }) })
const aspects = fc.constantFrom(1, 3, 0.75)

/** Faces anywhere in a picture and beyond its edges. */
function facesIn({ width, height }: Size): fc.Arbitrary<Face[]> {
  const shorter = Math.min(width, height)
  const face = fc
    .record({ x: share(-0.1, 1), y: share(-0.1, 1), side: share(0.02, 0.9) })
    .map(({ x, y, side }) => ({ x: x * width, y: y * height, width: side * shorter, height: side * shorter }))
  return fc.array(face, { maxLength: 6 })
}

function share(min: number, max: number) {
  return fc.double({ min, max, noNaN: true })
}

const scenes = fc.tuple(pictures, aspects).chain(([picture, aspect]) =>
  fc.record({
    picture: fc.constant(picture),
    aspect: fc.constant(aspect),
    faces: facesIn(picture),
    sharpWidth: fc.constantFrom(0, 512, 1500),
  }),
)

/** Returns whether the ellipse of an area contains the face's own box. A head is larger. */
function contains({ x, y, width, height }: Area, face: Face): boolean {
  const corners = [face.x, face.x + face.width].flatMap((faceX) =>
    [face.y, face.y + face.height].map((faceY) => Math.hypot((faceX - x) / width - 0.5, (faceY - y) / height - 0.5)),
  )
  return Math.max(...corners) <= 0.5
}

function areaOf(faces: Face[], picture: Size, aspect = 1, sharpWidth = 0): Area {
  const recipe = openingCrop(faces, picture, aspect, sharpWidth)
  if (!recipe) throw new Error('no crop')
  return recipe.area
}

const square = (x: number, y: number, side: number): Face => ({ x, y, width: side, height: side })

describe('U50: openingCrop', () => {
  test('lies inside the picture, in whole pixels, with the aspect', () => {
    fc.assert(
      fc.property(scenes, ({ picture, aspect, faces, sharpWidth }) => {
        const recipe = openingCrop(faces, picture, aspect, sharpWidth)
        if (!recipe) return
        const { area } = recipe
        expect(Object.values(area).every(Number.isInteger)).toBe(true)
        expect(area.x).toBeGreaterThanOrEqual(0)
        expect(area.y).toBeGreaterThanOrEqual(0)
        expect(isInside(area, picture)).toBe(true)
        expect(hasAspect(area, aspect)).toBe(true)
      }),
    )
  })

  test('is null exactly without a head in the picture', () => {
    expect(openingCrop([], { width: 800, height: 600 }, 1, 0)).toBeNull()
    expect(openingCrop([square(-300, 100, 100)], { width: 800, height: 600 }, 1, 0)).toBeNull()
    expect(openingCrop([square(300, 100, 100)], { width: 800, height: 600 }, 1, 0)).not.toBeNull()
  })

  test('contains the head of one face wherever the picture has room for a circle around it', () => {
    const scene = fc.tuple(pictures, fc.constantFrom(1, 3), share(0.05, 0.25), share(0, 1), share(0, 1))
    fc.assert(
      fc.property(scene, ([picture, aspect, size, x, y]) => {
        const side = Math.min(picture.width / aspect, picture.height) * size
        // One and a half faces to each edge.
        const place = (length: number, at: number) => side * 1.5 + at * (length - side * 4)
        const face = square(place(picture.width, x), place(picture.height, y), side)
        fc.pre(picture.width >= side * 4 && picture.height >= side * 4)
        const head = { x: face.x - side * 0.05, y: face.y - side * 0.3, width: side * 1.1, height: side * 1.4 }
        expect(contains(areaOf([face], picture, aspect), head)).toBe(true)
      }),
    )
  })

  test('contains the face wherever the centre crop contains its head', () => {
    fc.assert(
      fc.property(
        pictures.chain((picture) => fc.tuple(fc.constant(picture), facesIn(picture))),
        ([picture, faces]) => {
          const [face] = faces
          fc.pre(face !== undefined && openingCrop([face], picture, 1, 0) !== null)
          const centre = fitArea(
            { centreX: picture.width / 2, centreY: picture.height / 2, width: picture.width },
            1,
            picture,
          )
          if (contains(centre, grow(face as Face)))
            expect(contains(areaOf([face as Face], picture), face as Face)).toBe(true)
        },
      ),
    )
  })

  test('mirrors with the picture', () => {
    fc.assert(
      fc.property(
        pictures.chain((picture) => fc.tuple(fc.constant(picture), facesIn(picture))),
        ([picture, faces]) => {
          const mirrored = faces.map((face) => ({ ...face, x: picture.width - face.x - face.width }))
          const one = openingCrop(faces.slice(0, 1), picture, 1, 0)?.area
          const other = openingCrop(mirrored.slice(0, 1), picture, 1, 0)?.area
          expect(one === undefined).toBe(other === undefined)
          if (!one || !other) return
          expect(Math.abs(one.width - other.width)).toBeLessThanOrEqual(Math.max(2, one.width * 0.1))
          expect(Math.abs(picture.width - one.x - one.width - other.x)).toBeLessThanOrEqual(
            Math.max(2, one.width * 0.1),
          )
        },
      ),
    )
  })

  test('shows a person with shoulders: the head fills about half of the frame', () => {
    const { width, y } = areaOf([square(1000, 800, 200)], { width: 3000, height: 3000 })
    expect(width / (200 * 1.7)).toBeGreaterThan(1.6)
    expect(width / (200 * 1.7)).toBeLessThan(2.4)
    // More room below the head than above it.
    const headCentre = 850
    expect(headCentre - y).toBeLessThan(y + width - headCentre)
  })

  test('is wide enough to look sharp, where the picture has the pixels', () => {
    const picture = { width: 3000, height: 2000 }
    const area = areaOf([square(1400, 900, 60)], picture, 1, 512)
    expect(area.width).toBeGreaterThan(500)
    expect(area.width).toBeLessThan(560)
    // In a corner, a wide circle would not contain the head.
    expect(contains(areaOf([square(15, 30, 60)], picture, 1, 512), square(15, 30, 60))).toBe(true)
  })

  test('contains all people who fit', () => {
    const faces = [square(700, 500, 120), square(1000, 450, 130), square(1300, 520, 110)]
    const area = areaOf(faces, { width: 2400, height: 1600 })
    for (const face of faces) expect(contains(area, face)).toBe(true)
  })

  test('contains the largest head if not all fit', () => {
    const faces = [square(100, 300, 150), square(1100, 280, 190), square(2100, 300, 160)]
    const area = areaOf(faces, { width: 2400, height: 800 })
    expect(faces.map((face) => contains(area, face))).toEqual([false, true, false])
  })

  test('leaves out people in the background', () => {
    const area = areaOf([square(400, 400, 300), square(1500, 400, 60)], { width: 2000, height: 1500 })
    expect(area.width).toBeLessThan(1100)
    expect(contains(area, square(400, 400, 300))).toBe(true)
  })
})

function grow({ x, y, width, height }: Face): Face {
  return { x: x - width * 0.35, y: y - height * 0.7, width: width * 1.7, height: height * 2.1 }
}
