import type { LayersModel } from '@tensorflow/tfjs-layers'
import { EmoError } from '@emo/errors'
import * as tf from '../tf.ts'
import { encodeFloat16 } from './float16.ts'
import { weightsName, type ModelJson } from './modelJson.ts'
import { sha256Hex } from './sha256.ts'

/** How a model is written. */
export interface SerializeModelOptions {
  /** JSON values for `userDefinedMetadata`; the key `weights` is taken. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** Number format of the binary; default `float16`, which halves the file and costs a relative error of at most 2^-11. */
  readonly dtype?: 'float16' | 'float32'
}

/** A model in the TensorFlow.js layers format, in memory: what {@link loadModel} takes as its source. */
export interface SerializedModel {
  readonly modelJson: ModelJson
  readonly weights: Uint8Array<ArrayBuffer>
}

/**
 * A model in the TensorFlow.js layers format, with the SHA-256 of the weights in `userDefinedMetadata.weights`.
 *
 * `tf.loadLayersModel` reads the result too, as long as the model consists of layers that it knows.
 *
 * @param model - any layers model whose weights are float32
 * @param options - metadata and number format
 * @throws {@link EmoError} `MODEL_UNSUPPORTED` for weights other than float32; {@link EmoRangeError} `FLOAT16_RANGE` for NaN or
 * values that float16 cannot hold
 */
export async function serializeModel(model: LayersModel, options: SerializeModelOptions = {}): Promise<SerializedModel> {
  const { metadata = {}, dtype = 'float16' } = options
  const artifacts = await artifactsOf(model)
  const specs = artifacts.weightSpecs!
  for (const { name, dtype: given } of specs) {
    if (given !== 'float32')
      throw new EmoError('MODEL_UNSUPPORTED', `weight ${name} is ${given}; only float32 weights can be saved`, {
        details: { name, dtype: given },
      })
  }
  const values = new Float32Array(tf.io.CompositeArrayBuffer.join(artifacts.weightData))
  const weights = new Uint8Array(dtype === 'float16' ? encodeFloat16(values).buffer : values.buffer)
  const modelJson: ModelJson = {
    format: 'layers-model',
    generatedBy: `TensorFlow.js tfjs-layers v${tf.version_layers}`,
    convertedBy: null,
    modelTopology: artifacts.modelTopology as object,
    weightsManifest: [
      {
        paths: [weightsName],
        weights:
          dtype === 'float32' ? specs : specs.map((spec) => ({ ...spec, quantization: { dtype: 'float16', original_dtype: 'float32' } })),
      },
    ],
    userDefinedMetadata: { ...metadata, weights: { sha256: await sha256Hex(weights), bytes: weights.length } },
  }
  return { modelJson, weights }
}

async function artifactsOf(model: LayersModel): Promise<tf.io.ModelArtifacts> {
  let artifacts: tf.io.ModelArtifacts | undefined
  await model.save(
    tf.io.withSaveHandler((given) => {
      artifacts = given
      return Promise.resolve({ modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(given) })
    }),
  )
  return artifacts!
}
