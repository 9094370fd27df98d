import type { SpeechFeatures } from './speechFeatures.ts'

/**
 * Lays inputs of different lengths into one batch, `[inputs, frames, columns]`, zeros behind the shorter ones: the networks skip them.
 *
 * @param columns - width of a frame, the same for all
 */
export function padFeatures(inputs: readonly SpeechFeatures[], columns: number): SpeechFeatures {
  const frames = inputs.reduce((most, input) => Math.max(most, input.frames), 1)
  const values = new Float32Array(inputs.length * frames * columns)
  inputs.forEach((input, i) => values.set(input.values, i * frames * columns))
  return { frames, values }
}
