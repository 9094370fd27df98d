import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { modelJsonName, weightsName, type WeightsFileInfo } from './modelJson.ts'
import { serializeModel, type SerializeModelOptions } from './serializeModel.ts'

/**
 * Writes a model as `model.json` and `weights.bin`, which {@link loadModel} reads; see {@link serializeModel} for the format.
 *
 * @param model - any layers model whose weights are float32
 * @param directory - folder for the two files; made if missing
 * @param options - metadata and number format
 * @returns checksum and size of the binary
 * @throws {@link EmoError} `MODEL_UNSUPPORTED` for weights other than float32; {@link EmoRangeError} `FLOAT16_RANGE` for NaN or
 * values that float16 cannot hold
 */
export async function saveModel(model: LayersModel, directory: string, options: SerializeModelOptions = {}): Promise<WeightsFileInfo> {
  const { modelJson, weights } = await serializeModel(model, options)
  await mkdir(directory, { recursive: true })
  await replaceFile(join(directory, weightsName), weights)
  await replaceFile(join(directory, modelJsonName), `${JSON.stringify(modelJson)}\n`)
  return modelJson.userDefinedMetadata.weights
}

/** A reader never sees half a file. */
async function replaceFile(path: string, contents: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  await writeFile(temporary, contents)
  await rename(temporary, path)
}
