import type { DetectedFace } from './faceDetector.ts'
import type { Box } from './resample.ts'

/** Area of the intersection of two boxes divided by that of their union, 0 to 1. */
export function intersectionOverUnion(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  if (width <= 0 || height <= 0) return 0
  const intersection = width * height
  return intersection / (a.width * a.height + b.width * b.height - intersection)
}

/** Part of the smaller box that the other one covers, 0 to 1. */
function coverage(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  if (width <= 0 || height <= 0) return 0
  return (width * height) / Math.min(a.width * a.height, b.width * b.height)
}

/**
 * Keeps the best of each group of overlapping detections (greedy non-maximum suppression), in the order of falling score.
 *
 * @param overlap - two boxes are one face when their intersection over union is above this
 */
export function nonMaxSuppression(faces: readonly DetectedFace[], overlap: number): DetectedFace[] {
  const kept: DetectedFace[] = []
  for (const face of [...faces].sort((a, b) => b.score - a.score)) {
    // A box inside another one of a different scale is the same face, too.
    const known = kept.some((other) => intersectionOverUnion(other.box, face.box) > overlap || coverage(other.box, face.box) > 0.8)
    if (!known) kept.push(face)
  }
  return kept
}
