import { readFileSync } from 'node:fs'
import { deserialize } from 'node:v8'

/** Side of FER2013's images in pixels. */
export const faceSize = 48

/** One side of FER2013 in memory. */
export interface FaceSet {
  readonly count: number
  /** `[count, 48, 48]` grey, 0..255. */
  readonly pixels: Uint8Array
  /** FER2013's labels, indices into {@link faceEmotions}. */
  readonly labels: Uint8Array
  /** `[count, 8]` FERPlus distributions in the order of {@link ferPlusEmotions}; all zero where the votes name no emotion. */
  readonly votes: Float32Array
  /** Index into {@link ferPlusEmotions} where more than half of the votes agree on it, else 255. */
  readonly majority: Uint8Array
  /** 1 where the same picture occurs in the training side of the corpus, too, else 0. */
  readonly alsoInTrain: Uint8Array
}

/** What the recipe trains on and what it is measured on. */
export interface FaceData {
  readonly train: FaceSet
  /** FER2013's PublicTest, FERPlus' Valid. */
  readonly validation: FaceSet
  /** Training rows left out: pixel-identical to a row of a test side, or labelled in two ways. */
  readonly leftOut: { readonly alsoInTest: number; readonly ambiguous: number }
}

/** Reads what {@link prepareFaceData} wrote. */
export function loadFaceData(path: string): FaceData {
  return deserialize(readFileSync(path)) as FaceData
}
