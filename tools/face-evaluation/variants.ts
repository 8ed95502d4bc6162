import sharp, { type Raw, type Sharp } from 'sharp'
import type { Size } from '@/lib/images/geometry'
import type { HeadBox } from './photos'

/** A rectangle in pixels. */
export interface Box {
  x: number
  y: number
  width: number
  height: number
}

/** A picture to crop, with the heads in it. */
export interface Variant {
  kind: string
  jpeg: Buffer
  /** Upright. */
  size: Size
  heads: Box[]
}

interface Picture {
  pixels: Buffer
  raw: Raw
  heads: Box[]
}

/** Longer side in pixels of the pictures. */
const length = 1200

/** Between the head and the edge of the picture, in shares of the head's width. */
const edgeGap = 0.15

/** How a camera stores an upright picture for each EXIF orientation. */
const stored: Record<number, (upright: Sharp) => Sharp> = {
  1: (upright) => upright,
  2: (upright) => upright.flop(),
  3: (upright) => upright.rotate(180),
  4: (upright) => upright.flip(),
  5: (upright) => upright.rotate(90).flip(),
  6: (upright) => upright.rotate(270),
  7: (upright) => upright.rotate(270).flip(),
  8: (upright) => upright.rotate(90),
}

/**
 * Makes pictures that people could upload from one photo.
 * @param index decides about orientation, direction and place, so that the photos differ
 */
export async function variantsOf(file: string, boxes: HeadBox[], index: number): Promise<Variant[]> {
  const photo = await readPhoto(file, boxes)
  const orientation = (index % 8) + 1
  return [
    await variant('as it is', photo),
    await variant('EXIF orientation', photo, orientation),
    await variant('turned by 15°', await turn(photo, index % 2 === 0 ? 15 : -15)),
    await variant('small in the frame', await shrink(photo, index)),
    await variant('at the edge', await moveToEdge(photo, index % 2 === 1)),
    await variant('dark', await darken(photo)),
    ...(photo.heads.length > 1
      ? await Promise.all(photo.heads.map(async (head) => variant('one of a group', await cutOut(photo, head))))
      : []),
  ]
}

async function readPhoto(file: string, boxes: HeadBox[]): Promise<Picture> {
  const photo = sharp(file).rotate().resize({ width: length, height: length, fit: 'inside', withoutEnlargement: true })
  const { data, info } = await photo.removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  const heads = boxes.map(([left, top, width, height]) => ({
    x: (left * info.width) / 100,
    y: (top * info.height) / 100,
    width: (width * info.width) / 100,
    height: (height * info.height) / 100,
  }))
  return { pixels: data, raw: rawOf(info), heads }
}

async function variant(kind: string, { pixels, raw, heads }: Picture, orientation = 1): Promise<Variant> {
  const turned = stored[orientation] as (upright: Sharp) => Sharp
  // A separate step turns the pixels, because sharp would apply the orientation to its output.
  const { data, info } = await turned(sharp(pixels, { raw })).raw().toBuffer({ resolveWithObject: true })
  const jpeg = await sharp(data, { raw: rawOf(info) })
    .withMetadata({ orientation })
    .jpeg({ quality: 90 })
    .toBuffer()
  return { kind, jpeg, size: { width: raw.width, height: raw.height }, heads }
}

async function turn({ pixels, raw, heads }: Picture, degrees: number): Promise<Picture> {
  const turned = await draw(sharp(pixels, { raw }).rotate(degrees, { background: '#777' }))
  const sin = Math.sin((degrees * Math.PI) / 180)
  const cos = Math.cos((degrees * Math.PI) / 180)
  const moved = heads.map(({ x, y, width, height }) => {
    const fromCentre = { x: x + width / 2 - raw.width / 2, y: y + height / 2 - raw.height / 2 }
    // The box around the turned ellipse.
    const half = { x: Math.hypot(width * cos, height * sin) / 2, y: Math.hypot(width * sin, height * cos) / 2 }
    const centre = {
      x: turned.raw.width / 2 + fromCentre.x * cos - fromCentre.y * sin,
      y: turned.raw.height / 2 + fromCentre.x * sin + fromCentre.y * cos,
    }
    return { x: centre.x - half.x, y: centre.y - half.y, width: 2 * half.x, height: 2 * half.y }
  })
  return { ...turned, heads: moved }
}

/** Puts the photo near a corner of a frame of three times its width and height. */
async function shrink(photo: Picture, index: number): Promise<Picture> {
  const small = await scale(photo, 0.4)
  const { width, height } = small.raw
  const frame = { width: width * 3, height: height * 3 }
  const left = Math.round(width * (index % 2 === 0 ? 0.3 : 1.7))
  const top = Math.round(height * (index % 4 < 2 ? 0.4 : 1.5))
  return place(small, frame, left, top)
}

/** Cuts the photo beside its largest head, and widens it on the other side. */
async function moveToEdge(photo: Picture, right: boolean): Promise<Picture> {
  const largest = photo.heads.toSorted((one, other) => other.height - one.height)[0] as Box
  const rest = await cut(photo, {
    x: Math.max(0, largest.x - largest.width * edgeGap),
    y: 0,
    width: photo.raw.width,
    height: photo.raw.height,
  })
  const frame = { width: Math.max(rest.raw.width, Math.round(rest.raw.height * 1.6)), height: rest.raw.height }
  const wide = await place(rest, frame, 0, 0)
  return right ? mirror(wide) : wide
}

async function mirror({ pixels, raw, heads }: Picture): Promise<Picture> {
  const mirrored = await draw(sharp(pixels, { raw }).flop())
  return { ...mirrored, heads: heads.map((head) => ({ ...head, x: raw.width - head.x - head.width })) }
}

async function darken({ pixels, raw, heads }: Picture): Promise<Picture> {
  return { ...(await draw(sharp(pixels, { raw }).linear(0.25, 0))), heads }
}

/** Cuts out one head with its shoulders, and what is beside it. */
function cutOut(photo: Picture, { x, y, width, height }: Box): Promise<Picture> {
  return cut(photo, { x: x - width * 0.7, y: y - height * 0.4, width: width * 2.4, height: height * 2.4 }, true)
}

/** @param onlyFirst keeps only the head in the middle of the rectangle, which the crop must contain */
async function cut({ pixels, raw, heads }: Picture, wanted: Box, onlyFirst = false): Promise<Picture> {
  const left = Math.max(0, Math.round(wanted.x))
  const top = Math.max(0, Math.round(wanted.y))
  const width = Math.min(raw.width, Math.round(wanted.x + wanted.width)) - left
  const height = Math.min(raw.height, Math.round(wanted.y + wanted.height)) - top
  const part = await draw(sharp(pixels, { raw }).extract({ left, top, width, height }))
  const moved = heads.map((head) => ({ ...head, x: head.x - left, y: head.y - top }))
  const whole = moved.filter(
    (head) => head.x >= -5 && head.y >= -5 && head.x + head.width <= width + 5 && head.y + head.height <= height + 5,
  )
  const middle = wanted.x + wanted.width / 2 - left
  const nearest = whole.toSorted((one, other) => distance(one, middle) - distance(other, middle))
  return { ...part, heads: onlyFirst ? nearest.slice(0, 1) : whole }
}

function distance({ x, width }: Box, middle: number): number {
  return Math.abs(x + width / 2 - middle)
}

async function scale({ pixels, raw, heads }: Picture, factor: number): Promise<Picture> {
  const scaled = await draw(sharp(pixels, { raw }).resize({ width: Math.round(raw.width * factor) }))
  return { ...scaled, heads: heads.map((head) => scaleBox(head, scaled.raw.width / raw.width)) }
}

function scaleBox({ x, y, width, height }: Box, factor: number): Box {
  return { x: x * factor, y: y * factor, width: width * factor, height: height * factor }
}

/** Puts the picture into a larger frame, which a blurred copy of it fills. */
async function place({ pixels, raw, heads }: Picture, frame: Size, left: number, top: number): Promise<Picture> {
  const background = sharp(pixels, { raw })
    .resize({ ...frame, fit: 'fill' })
    .blur(Math.max(20, frame.width / 15))
  const placed = await draw(background.composite([{ input: pixels, raw, left, top }]))
  return { ...placed, heads: heads.map((head) => ({ ...head, x: head.x + left, y: head.y + top })) }
}

async function draw(picture: Sharp): Promise<{ pixels: Buffer; raw: Raw }> {
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true })
  return { pixels: data, raw: rawOf(info) }
}

function rawOf({ width, height, channels }: Raw): Raw {
  return { width, height, channels }
}
