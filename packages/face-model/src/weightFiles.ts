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
