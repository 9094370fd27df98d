import { samplesOf, type Signal } from './internal/check.ts'
import { createExtractor, type FeatureOptions } from './internal/extractor.ts'
import { framesOf } from './internal/frames.ts'
import type { Matrix } from './internal/matrix.ts'

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
  const { grid, run } = createExtractor(options)
  const samples = samplesOf(signal)
  return run(samples, 0, samples.length, 0, framesOf(samples.length, grid))
}
