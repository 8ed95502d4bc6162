/**
 * What BlazeFace's tensors mean (Bazarevsky et al. 2019, arXiv:1907.05047). The model is the one for distant faces: it
 * reads a square of 256 pixels and proposes a face for each of 896 anchors.
 */

/** A face in pixels. The box reaches from the eyebrows to the chin, and from cheek to cheek. */
export interface Face {
  x: number
  y: number
  width: number
  height: number
}

export interface ScoredFace extends Face {
  /** 0 to 1. */
  score: number
}

/** Width and height in pixels of the square that the model reads. */
export const inputSize = 256

/** Number of values per anchor: a box, and six points of the face that are not used. */
const boxValues = 16

/** The model's two grids of anchors: pixels between anchors, and proposals per anchor. */
const grids = [
  { stride: 16, proposals: 2 },
  { stride: 32, proposals: 6 },
] as const

/** Shares of the union above which two boxes are the same face. */
const sameFaceOverlap = 0.3

/**
 * Returns the faces that the model proposes, in pixels of its input.
 * @param outputs for each grid the scores before the sigmoid, and the boxes
 * @param leastScore 0 to 1
 */
export function decodeFaces(
  outputs: { scores: ArrayLike<number>; boxes: ArrayLike<number> }[],
  leastScore: number,
): ScoredFace[] {
  return grids.flatMap(({ stride, proposals }, grid) => {
    const { scores, boxes } = outputs[grid] as (typeof outputs)[number]
    const columns = inputSize / stride
    return Array.from(scores).flatMap((logit, at) => {
      const score = 1 / (1 + Math.exp(-logit))
      if (score < leastScore) return []
      const anchor = Math.floor(at / proposals)
      const [dx, dy, width, height] = Array.from({ length: 4 }, (_, value) => boxes[at * boxValues + value] ?? 0) as [
        number,
        number,
        number,
        number,
      ]
      const centreX = stride * ((anchor % columns) + 0.5) + dx
      const centreY = stride * (Math.floor(anchor / columns) + 0.5) + dy
      return [{ x: centreX - width / 2, y: centreY - height / 2, width, height, score }]
    })
  })
}

/** Returns the best box of each face, best first (non-maximum suppression). */
export function withoutDuplicates(faces: ScoredFace[]): ScoredFace[] {
  const kept: ScoredFace[] = []
  for (const face of faces.toSorted((one, other) => other.score - one.score)) {
    if (kept.every((other) => overlap(face, other) < sameFaceOverlap)) kept.push(face)
  }
  return kept
}

/** Returns the share of two boxes' union that both cover. */
function overlap(one: Face, other: Face): number {
  const width = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x)
  const height = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y)
  if (width <= 0 || height <= 0) return 0
  const both = width * height
  return both / (one.width * one.height + other.width * other.height - both)
}
