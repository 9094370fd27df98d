import type { LayersModel } from '@tensorflow/tfjs-layers'
import { EmoError } from '@emo/errors'
import { startBackend } from '../startBackend.ts'
import { buildModel } from './buildModel.ts'
import { checkModelSource } from './checkModelSource.ts'
import type { ModelJson } from './modelJson.ts'
import { readUrl, type ReadOptions } from './readUrl.ts'
import { sha256Hex } from './sha256.ts'

/** Where a model's two files are. */
export interface ModelSource {
  /** The parsed `model.json`, or where it is. */
  readonly modelJson: object | URL
  /** The binary, or where it is. */
  readonly weights: ArrayBuffer | Uint8Array | URL
}

/** A model and what was saved with it. */
export interface LoadedModel {
  readonly model: LayersModel
  /** The `userDefinedMetadata` of `model.json`, among it `weights: { sha256, bytes }`. */
  readonly metadata: Readonly<Record<string, unknown>>
}

/**
 * Loads a model that `saveModel` wrote: in Node from `file:` URLs, elsewhere with `fetch`, or from memory.
 *
 * Starts the backend. The binary is compared with the checksum in `model.json` before anything is made of it.
 *
 * @param source - the two files
 * @param options - progress of the binary, and a signal to abort
 * @throws {@link EmoError} `MODEL_SOURCE_INVALID` for a path and whatever else is no source, `WEIGHTS_UNREADABLE` when a file cannot be read, `MODEL_INVALID` when `model.json` is not a layers model with
 * a checksum, `WEIGHTS_DAMAGED` when the binary is not the one that was saved
 */
export async function loadModel(source: ModelSource, options: ReadOptions = {}): Promise<LoadedModel> {
  checkModelSource(source)
  const [json, weights] = await Promise.all([
    source.modelJson instanceof URL ? readJson(source.modelJson, options.signal) : Promise.resolve<unknown>(source.modelJson),
    source.weights instanceof URL ? readUrl(source.weights, options) : Promise.resolve(bytesOf(source.weights)),
    startBackend(),
  ])
  const modelJson = checkModelJson(json)
  await checkWeights(weights, modelJson)
  try {
    const model = await buildModel(modelJson, weights.buffer)
    return { model, metadata: modelJson.userDefinedMetadata }
  } catch (error) {
    throw new EmoError('MODEL_INVALID', `model.json does not describe a model that can be built: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

/** A copy with a buffer of its own: TensorFlow.js takes whole buffers, Web Crypto none that is shared. */
function bytesOf(weights: ArrayBuffer | Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(ArrayBuffer.isView(weights) ? weights : new Uint8Array(weights))
}

async function readJson(url: URL, signal: AbortSignal | undefined): Promise<unknown> {
  const text = new TextDecoder().decode(await readUrl(url, { signal }))
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new EmoError('MODEL_INVALID', `${url.href} is not JSON`, { cause: error, details: { url: url.href } })
  }
}

function checkModelJson(value: unknown): ModelJson {
  const json = value as Partial<ModelJson> | null
  const info = json?.userDefinedMetadata?.weights as Partial<ModelJson['userDefinedMetadata']['weights']> | undefined
  if (typeof json?.modelTopology !== 'object' || !Array.isArray(json.weightsManifest) || typeof info?.sha256 !== 'string') {
    throw new EmoError(
      'MODEL_INVALID',
      'this is not a model.json that saveModel wrote: modelTopology, weightsManifest or the checksum of the weights is missing',
    )
  }
  return json as ModelJson
}

async function checkWeights(weights: Uint8Array<ArrayBuffer>, { userDefinedMetadata }: ModelJson): Promise<void> {
  const expected = userDefinedMetadata.weights
  const sha256 = await sha256Hex(weights)
  if (sha256 === expected.sha256) return
  throw new EmoError(
    'WEIGHTS_DAMAGED',
    `the weights are not those that model.json was saved with (${weights.length} bytes, sha256 ${sha256}; expected ${expected.bytes} bytes, sha256 ${expected.sha256}): install or copy the files again`,
    { details: { bytes: weights.length, sha256, expected } },
  )
}
