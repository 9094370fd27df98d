import { samplesOf, type Signal } from './internal/check.ts'
import { createExtractor, type FeatureOptions } from './internal/extractor.ts'
import { framesOf, leftPad } from './internal/frames.ts'
import { matrix, type Matrix } from './internal/matrix.ts'

/**
 * Several features of a whole signal side by side, computed from one transform a frame; equal to what {@link FeatureStream} gives for the same options.
 *
 * `mfcc`, `logMelSpectrogram` and `spectralContrast` are taken without `topDb`, and `chroma` with tuning 0 unless told otherwise, since those
 * would depend on the whole signal.
 *
 * @param signal - samples of one channel
 * @param options - `sampleRate` in Hz and `features` are required
 * @returns `[frames, columns]`, features in the order asked for
 * @throws EmoRangeError `NOT_STREAMABLE` (an option that depends on the whole signal), and as the features themselves
 */
export function extractFeatures(signal: Signal, options: FeatureOptions): Matrix {
  const extractor = createExtractor(options)
  const samples = samplesOf(signal)
  const { grid, width } = extractor
  const frames = framesOf(samples.length, grid)
  const out = new Float32Array(frames * width)
  for (let t = 0; t < frames; t++) extractor.run(samples, 0, samples.length, t * grid.hopLength - leftPad(grid), out, t * width)
  return matrix(frames, width, out)
}
