import type * as tf from '@tensorflow/tfjs-core'

/** What {@link saveModel} notes about the binary beside `model.json`. */
export interface WeightsFileInfo {
  /** SHA-256 of the binary, hexadecimal. */
  readonly sha256: string
  /** Length of the binary. */
  readonly bytes: number
}

/** The TensorFlow.js layers format's `model.json`, with this package's checksum in the user-defined metadata. */
export interface ModelJson {
  readonly format: 'layers-model'
  readonly generatedBy: string
  readonly convertedBy: string | null
  readonly modelTopology: object
  readonly weightsManifest: readonly { readonly paths: readonly string[]; readonly weights: tf.io.WeightsManifestEntry[] }[]
  readonly userDefinedMetadata: Readonly<Record<string, unknown>> & { readonly weights: WeightsFileInfo }
}

/** Name of the JSON file in a model's folder. */
export const modelJsonName = 'model.json'

/** Name of the binary file in a model's folder. */
export const weightsName = 'weights.bin'
