import { existsSync } from 'node:fs'
import { mkdir, readFile, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import sharp from 'sharp'
import { projectDirectory } from '@/tools/process/project'
import type { UploadFile } from '@/tools/testing/api-client'
import { paintPhoto } from '@/tools/testing/photos'

/** A generated photo, as a camera stores it. */
export interface Photo {
  megapixels: 1 | 6 | 12 | 24 | 48
  format: 'jpg' | 'png' | 'webp'
  isProgressive?: boolean
  /** The EXIF orientation. 6: the stored pixels lie on their side. */
  orientation?: 1 | 6
}

/** Stored width and height in pixels. */
const sizes = {
  1: { width: 1200, height: 900 },
  6: { width: 3000, height: 2000 },
  12: { width: 4000, height: 3000 },
  24: { width: 6000, height: 4000 },
  48: { width: 8000, height: 6000 },
} as const

const contentTypes = { jpg: 'image/jpeg', png: 'image/png', webp: 'image/webp' } as const

const directory = join(projectDirectory, '.anyhost/bench/photos')

/** Part of each file name. Raise it when the pixels change. */
const edition = 1

/** Returns the size in pixels as a person sees the photo: after the EXIF orientation is applied. */
export function uprightSize({ megapixels, orientation }: Photo): { width: number; height: number } {
  const { width, height } = sizes[megapixels]
  return orientation === 6 ? { width: height, height: width } : { width, height }
}

/** Returns the path of a photo's file, and creates the file on first use. One version of sharp always writes the same bytes. */
export async function photoFile(photo: Photo): Promise<string> {
  const { megapixels, format, isProgressive, orientation = 1 } = photo
  const name = [`${megapixels}mp`, isProgressive && 'progressive', orientation === 6 && 'exif6', `v${edition}`]
  const file = join(directory, `${name.filter(Boolean).join('-')}.${format}`)
  if (existsSync(file)) return file
  await mkdir(directory, { recursive: true })
  const { width, height } = sizes[megapixels]
  const image = sharp(paintPhoto(width, height), { raw: { width, height, channels: 3 } }).withMetadata({ orientation })
  if (format === 'jpg') image.jpeg({ quality: 85, progressive: isProgressive ?? false })
  else if (format === 'webp') image.webp({ quality: 85, effort: 2 })
  else image.png({ compressionLevel: 6 })
  // The rename comes last, so that an interrupted run leaves no incomplete photo behind.
  await image.toFile(`${file}.part`)
  await rename(`${file}.part`, file)
  return file
}

const uploads = new Map<string, Promise<UploadFile>>()

/** Returns a photo as an upload. Keeps its bytes in memory, so that a later upload does not read the file. */
export async function photoUpload(photo: Photo): Promise<UploadFile> {
  const file = await photoFile(photo)
  const upload = uploads.get(file) ?? readUpload(file, contentTypes[photo.format])
  uploads.set(file, upload)
  return upload
}

async function readUpload(file: string, mimeType: string): Promise<UploadFile> {
  return { name: basename(file), mimeType, buffer: await readFile(file) }
}
