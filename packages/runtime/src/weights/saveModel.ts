import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as tfc from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { EmoError } from '@emo/errors'
import { encodeFloat16 } from './float16.ts'
import { modelJsonName, weightsName, type ModelJson, type WeightsFileInfo } from './modelJson.ts'
import { sha256Hex } from './sha256.ts'

/** How {@link saveModel} writes. */
export interface SaveModelOptions {
  /** JSON values for `userDefinedMetadata`; the key `weights` is taken. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** Number format of the binary; default `float16`, which halves the file and costs a relative error of at most 2^-11. */
  readonly dtype?: 'float16' | 'float32'
}

/**
 * Writes a model as `model.json` and `weights.bin`, in the TensorFlow.js layers format.
 *
 * `tf.loadLayersModel` reads it too, as long as the model consists of layers that it knows. The weights' SHA-256 is in
 * `userDefinedMetadata.weights`, where {@link loadModel} looks for it.
 *
 * @param model - any layers model whose weights are float32
 * @param directory - folder for the two files; made if missing
 * @param options - metadata and number format
 * @returns checksum and size of the binary
 * @throws {@link EmoError} `MODEL_UNSUPPORTED` for weights other than float32; {@link EmoRangeError} `FLOAT16_RANGE` for NaN or
 * values that float16 cannot hold
 */
export async function saveModel(model: LayersModel, directory: string, options: SaveModelOptions = {}): Promise<WeightsFileInfo> {
  const { metadata = {}, dtype = 'float16' } = options
  const artifacts = await artifactsOf(model)
  const specs = artifacts.weightSpecs!
  for (const { name, dtype: given } of specs) {
    if (given !== 'float32') throw new EmoError('MODEL_UNSUPPORTED', `weight ${name} is ${given}; only float32 weights can be saved`, { details: { name, dtype: given } })
  }
  const values = new Float32Array(tfc.io.CompositeArrayBuffer.join(artifacts.weightData))
  const binary = new Uint8Array(dtype === 'float16' ? encodeFloat16(values).buffer : values.buffer)
  const info: WeightsFileInfo = { sha256: await sha256Hex(binary), bytes: binary.length }
  const json: ModelJson = {
    format: 'layers-model',
    generatedBy: `TensorFlow.js tfjs-layers v${tfc.version_core}`,
    convertedBy: null,
    modelTopology: artifacts.modelTopology as object,
    weightsManifest: [
      {
        paths: [weightsName],
        weights: dtype === 'float32' ? specs : specs.map((spec) => ({ ...spec, quantization: { dtype: 'float16', original_dtype: 'float32' } })),
      },
    ],
    userDefinedMetadata: { ...metadata, weights: info },
  }
  await mkdir(directory, { recursive: true })
  await replaceFile(join(directory, weightsName), binary)
  await replaceFile(join(directory, modelJsonName), `${JSON.stringify(json)}\n`)
  return info
}

async function artifactsOf(model: LayersModel): Promise<tfc.io.ModelArtifacts> {
  let artifacts: tfc.io.ModelArtifacts | undefined
  await model.save(
    tfc.io.withSaveHandler((given) => {
      artifacts = given
      return Promise.resolve({ modelArtifactsInfo: tfc.io.getModelArtifactsInfoForJSON(given) })
    }),
  )
  return artifacts!
}

/** A reader never sees half a file. */
async function replaceFile(path: string, contents: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  await writeFile(temporary, contents)
  await rename(temporary, path)
}
