import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { EmoError } from '@emo/errors'
import { tf } from '@emo/runtime'

/** Weights of the layers that have any, by name. */
type LayerWeights = ReadonlyMap<string, readonly Float32Array[]>

/** Writes a model's weights for the next stage of a run to start from. */
export function writeStart(model: tf.LayersModel, path: string): void {
  const weights: LayerWeights = new Map(
    model.layers
      .filter((layer) => layer.weights.length > 0)
      .map((layer) => [layer.name, layer.getWeights().map((weight) => Float32Array.from(weight.dataSync()))]),
  )
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, serialize(weights))
}

/**
 * Gives a model of the same architecture what {@link writeStart} wrote. One with weighted pooling may also start from one without: its first map becomes the plain mean, the
 * others keep their initial weights, and the heads read the first alone, so that it answers as the other did.
 *
 * @throws EmoError `MODEL_MISMATCH`
 */
export function readStart(model: tf.LayersModel, path: string): void {
  const start = deserialize(readFileSync(path)) as LayerWeights
  tf.tidy(() => {
    for (const layer of model.layers) {
      if (layer.weights.length === 0) continue
      const own = layer.getWeights()
      const given = start.get(layer.name) ?? (layer.name === 'pooling' ? [plainMean(own[0])] : undefined)
      const shaped = given?.map((values, index) => fit(values, own[index]))
      if (shaped?.length !== own.length || shaped.some((weight) => weight === undefined)) {
        throw new EmoError('MODEL_MISMATCH', `The weights to start from do not fit layer ${layer.name}.`, {
          details: { layer: layer.name },
        })
      }
      layer.setWeights(shaped as tf.Tensor[])
    }
  })
}

/** Weights of a pooling, `[height, width, channels, maps]`, of which the first map is the plain mean. */
function plainMean(own: tf.Tensor): Float32Array {
  const [height, width, , maps] = own.shape
  return own.dataSync<'float32'>().map((value, index) => (index % maps === 0 ? 1 / (height * width) : value))
}

/** Values in the shape of a weight; the heads' `[channels, classes]` becomes `[channels * maps, classes]`, zero but for the first map of each channel. */
function fit(values: Float32Array, own: tf.Tensor): tf.Tensor | undefined {
  if (values.length === own.size) return tf.tensor(values, own.shape)
  const maps = own.size / values.length
  if (own.rank !== 2 || !Number.isInteger(maps)) return undefined
  const classes = own.shape[1]!
  const spread = new Float32Array(own.size)
  values.forEach((value, index) => (spread[Math.floor(index / classes) * maps * classes + (index % classes)] = value))
  return tf.tensor(spread, own.shape)
}
