import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { tf } from '@emo/runtime'

/** Writes a model's weights, in its own order, for the next cycle of a run to start from. */
export function writeStart(model: tf.LayersModel, path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, serialize(model.getWeights().map((weight) => Float32Array.from(weight.dataSync()))))
}

/** Gives a model of the same architecture what {@link writeStart} wrote. */
export function readStart(model: tf.LayersModel, path: string): void {
  const values = deserialize(readFileSync(path)) as Float32Array[]
  tf.tidy(() => {
    model.setWeights(model.getWeights().map((weight, index) => tf.tensor(values[index], weight.shape)))
  })
}
