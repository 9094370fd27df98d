import type { Emotion } from '@emo/datasets'

/** What the person said an example shows; the picture is one face cut out. */
export type Example = { readonly emotion: Emotion } & (
  { readonly sound: { readonly samples: Float32Array; readonly sampleRate: number } } | { readonly picture: FacePixels }
)

/** RGBA pixels. */
export interface FacePixels {
  readonly data: Uint8ClampedArray<ArrayBuffer>
  readonly width: number
  readonly height: number
}

/** How well a model does on the examples. */
export interface Judgement {
  /** Examples whose strongest emotion is the one that the person named. */
  readonly right: number
  /** Mean probability of the emotion that the person named. */
  readonly probability: number
}

/** The page's model and the person's own, on the same examples. */
export interface Comparison {
  readonly examples: number
  readonly before: Judgement
  readonly after: Judgement
  /** True: each example was judged by a model that had not learned from it. False: too few for that. */
  readonly heldOut: boolean
}

/** The two files of a model. */
export interface ModelFiles {
  readonly modelJson: object
  readonly weights: Uint8Array<ArrayBuffer>
}
