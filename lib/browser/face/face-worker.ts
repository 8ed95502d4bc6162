import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import { type GraphModel, loadGraphModel } from '@tensorflow/tfjs-converter'
import { dispose, env, setBackend, type Tensor, tensor4d, tidy } from '@tensorflow/tfjs-core'
import type { Size } from '@/lib/images/geometry'
import type { Recipe } from '@/lib/images/schema'
import { decodeFaces, type Face, inputSize, type ScoredFace, withoutDuplicates } from './blazeface'
import { openingCrop } from './opening-crop'
import { around, details, type Region, wholePicture } from './regions'

/** What the crop around the faces must fit. */
export interface Frame {
  /** The size at which the editor shows the picture. */
  shown: Size
  aspect: number
  /** The crop should be this wide, in pixels. */
  sharpWidth: number
}

export interface FaceRequest {
  picture: Blob
  /** Null if the faces are enough. */
  frame: Frame | null
}

export interface FoundFaces {
  /** The picture's upright size. */
  size: Size
  /** Best first, in pixels of that size. */
  faces: Face[]
  /** The crop around the faces, if there are any and it was asked for. */
  recipe: Recipe | null
}

/** The picture is scaled down to this length of its longer side: faces of a fortieth of it have 26 pixels. */
const workingLength = 1024
/** Below this share of the shorter side, a face of the whole picture is small, and there may be more. */
const smallFace = 0.15
const leastScore = 0.5
/** Details have more chances to be wrong. */
const leastScoreInDetails = 0.75

const wasm = new URL('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm', import.meta.url).href
// Aliases of next.config.mjs.
const modelUrl = new URL('blazeface/model.json', import.meta.url).href
const weightsUrl = new URL('blazeface/weights.bin', import.meta.url).href

const model = loadModel()
// Without this, a failure before the first picture would be an unhandled rejection.
model.catch(() => {})

async function loadModel(): Promise<GraphModel> {
  // Threads need a page that is cross-origin isolated.
  env().set('WASM_HAS_MULTITHREAD_SUPPORT', false)
  // Every browser of the last years has SIMD. Others fail to compile the file and find no faces.
  setWasmPaths({
    'tfjs-backend-wasm.wasm': wasm,
    'tfjs-backend-wasm-simd.wasm': wasm,
    'tfjs-backend-wasm-threaded-simd.wasm': wasm,
  })
  if (!(await setBackend('wasm'))) throw new Error('no WebAssembly')
  return loadGraphModel(modelUrl, { weightUrlConverter: async () => weightsUrl })
}

/**
 * A Web Worker that finds faces. It gets `FaceRequest`s and answers each with a `FoundFaces`, in order. It must be a
 * worker: its response allows WebAssembly (security S24), which pages do not, and the page never waits for it.
 */
self.addEventListener('message', async ({ data }: MessageEvent<FaceRequest>) => {
  try {
    const found = await findFaces(data.picture)
    self.postMessage({ ...found, recipe: data.frame && cropAround(found, data.frame) } satisfies FoundFaces)
  } catch {
    self.postMessage(null)
  }
})

/** Scales the faces, because a browser may show a picture at another size than it decodes (by the resolution in EXIF). */
function cropAround({ size, faces }: Omit<FoundFaces, 'recipe'>, { shown, aspect, sharpWidth }: Frame): Recipe | null {
  const scaleX = shown.width / size.width
  const scaleY = shown.height / size.height
  // Decoded in another orientation than shown.
  if (Math.abs(scaleX / scaleY - 1) > 0.05) return null
  const scaled = faces.map(({ x, y, width, height }) => ({
    x: x * scaleX,
    y: y * scaleY,
    width: width * scaleX,
    height: height * scaleY,
  }))
  return openingCrop(scaled, shown, aspect, sharpWidth)
}

async function findFaces(picture: Blob): Promise<Omit<FoundFaces, 'recipe'>> {
  const bitmap = await createImageBitmap(picture, { imageOrientation: 'from-image' })
  const size = { width: bitmap.width, height: bitmap.height }
  const scale = Math.min(1, workingLength / Math.max(size.width, size.height))
  const small = { width: Math.max(1, size.width * scale), height: Math.max(1, size.height * scale) }
  const canvas = context2d(Math.round(small.width), Math.round(small.height))
  canvas.imageSmoothingQuality = 'high'
  canvas.drawImage(bitmap, 0, 0, canvas.canvas.width, canvas.canvas.height)
  bitmap.close()

  const found = await findIn(canvas.canvas)
  const back = size.width / canvas.canvas.width
  return {
    size,
    faces: found.map(({ x, y, width, height }) => ({
      x: x * back,
      y: y * back,
      width: width * back,
      height: height * back,
    })),
  }
}

async function findIn(picture: OffscreenCanvas): Promise<ScoredFace[]> {
  const detector = await model
  const look = (regions: Region[], least: number) =>
    withoutDuplicates(regions.flatMap((region) => detect(detector, picture, region, least)))
  // The model does not see a face that fills its input, so the picture gets a margin if there is none.
  const whole = look([wholePicture(picture)], leastScore)
  const found = whole.length > 0 ? whole : look([wholePicture(picture, 0.6)], leastScore)
  if (found.some(({ width }) => width >= smallFace * Math.min(picture.width, picture.height))) return found
  const small = withoutDuplicates([...found, ...look(details(picture), leastScoreInDetails)])
  // Enlarged, more faces beside a small one become visible.
  return small.length > 0 ? withoutDuplicates([...small, ...look([around(small)], leastScore)]) : small
}

/** Returns the faces in a region, in pixels of the picture. */
function detect(detector: GraphModel, picture: OffscreenCanvas, region: Region, least: number): ScoredFace[] {
  const input = context2d(inputSize, inputSize)
  input.imageSmoothingQuality = 'high'
  const scale = inputSize / region.side
  input.drawImage(picture, -region.x * scale, -region.y * scale, picture.width * scale, picture.height * scale)
  const { data } = input.getImageData(0, 0, inputSize, inputSize)
  const pixels = new Float32Array(inputSize * inputSize * 3)
  // From RGBA of 0 to 255 to RGB of -1 to 1.
  for (let pixel = 0; pixel < inputSize * inputSize; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      pixels[pixel * 3 + channel] = (data[pixel * 4 + channel] as number) / 127.5 - 1
    }
  }
  const names = ['Identity', 'Identity_2', 'Identity_1', 'Identity_3']
  const outputs = tidy(() => detector.execute(tensor4d(pixels, [1, inputSize, inputSize, 3]), names)) as Tensor[]
  const [fineScores, fineBoxes, coarseScores, coarseBoxes] = outputs.map((output) => output.dataSync()) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ]
  dispose(outputs)
  const faces = decodeFaces(
    [
      { scores: fineScores, boxes: fineBoxes },
      { scores: coarseScores, boxes: coarseBoxes },
    ],
    least,
  )
  return withoutDuplicates(faces).map(({ x, y, width, height, score }) => ({
    x: x / scale + region.x,
    y: y / scale + region.y,
    width: width / scale,
    height: height / scale,
    score,
  }))
}

function context2d(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error('no canvas')
  return context
}
