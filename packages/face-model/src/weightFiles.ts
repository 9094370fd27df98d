/** Files of one model: the TensorFlow.js layers format, float16 weights. */
export interface ModelFiles {
  readonly modelJson: URL
  readonly weights: URL
}

/**
 * The models in the package. Bundlers copy files that are named by a literal in `new URL(..., import.meta.url)`; `src` and `dist` are both one step below the package.
 */
export const modelFiles = {
  default: {
    modelJson: new URL('../weights/default/model.json', import.meta.url),
    weights: new URL('../weights/default/weights.bin', import.meta.url),
  },
  paper: {
    modelJson: new URL('../weights/paper/model.json', import.meta.url),
    weights: new URL('../weights/paper/weights.bin', import.meta.url),
  },
} as const satisfies Record<string, ModelFiles>

/** Names of the weights in the package: the model to use, and the published CNN for comparison. */
export type WeightsName = keyof typeof modelFiles

/** The face detector's weights, put there by `scripts/copyDetector.mjs` at build time. */
export const detectorFiles = {
  manifest: new URL('../weights/tiny-face-detector/tiny_face_detector_model-weights_manifest.json', import.meta.url),
  weights: new URL('../weights/tiny-face-detector/tiny_face_detector_model.bin', import.meta.url),
} as const

/**
 * SHA-256 of these: of `@vladmandic/face-api` 1.7.15, and to be renewed with it. Of the list as compact JSON: version control and servers change white space.
 */
export const detectorChecksums = {
  manifest: '07effce304b6289921dc265ef618e83ecf2376c3fca7ff9ad8cc6eda669064c6',
  weights: 'b7503ce7df31039b1c43316a9b865cab6a70dd748cc602d3fa28b551503c3871',
} as const
