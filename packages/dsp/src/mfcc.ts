import { integer, number, positive, type Signal } from './internal/check.ts'
import { matrix, type Matrix } from './internal/matrix.ts'
import { project, type Projection } from './internal/projection.ts'
import { analyse, type SpectrumKernel } from './internal/spectrum.ts'
import { applyBasis, dctBasis, type DctOptions } from './dct.ts'
import { toDecibels, topDbOf, type DecibelOptions } from './decibels.ts'
import { melKernel, type MelSpectrogramOptions } from './melSpectrogram.ts'

/** Options of MFCC: those of the mel spectrogram, of its decibels and of the cosine transform; names and defaults are librosa's. */
export interface MfccOptions extends MelSpectrogramOptions, DecibelOptions, DctOptions {
  /** Coefficients a frame (default 20), at most `nMels`. */
  nMfcc?: number
  /** Cepstral lifter: coefficient n (from 1) is scaled by 1 + lifter / 2 sin(pi n / lifter); 0 (default) for none. */
  lifter?: number
  /** The value that becomes 0 dB (default 1). */
  ref?: number
}

/** Mel energies (overwritten) to decibels. */
function levelsOf(options: MfccOptions): (rows: Float32Array, topDb?: number) => Float32Array {
  const ref = number(options, 'ref', 1)
  const amin = positive(options, 'amin', 1e-10)
  return (rows, topDb) => toDecibels(rows, ref, amin, topDb)
}

function basisOf(options: MfccOptions, nMels: number): Projection {
  return dctBasis(options, nMels, integer(options, 'nMfcc', 20, 1, nMels), number(options, 'lifter', 0))
}

/** Mel energies of one frame in decibels, for streams: without `topDb`, since the loudest frame of all is not known yet. */
export function logMelKernel(options: MfccOptions): SpectrumKernel {
  const { width, run } = melKernel(options)
  const toLevels = levelsOf(options)
  const row = new Float32Array(width)
  return {
    width,
    run(spectrum, out, at) {
      run(spectrum, row, 0)
      out.set(toLevels(row), at)
    },
  }
}

/** MFCC of one frame, for streams, without `topDb` too. */
export function mfccKernel(options: MfccOptions): SpectrumKernel {
  const { width, run } = logMelKernel(options)
  const basis = basisOf(options, width)
  const row = new Float32Array(width)
  const input = new Float64Array(width)
  return {
    width: basis.first.length,
    run(spectrum, out, at) {
      run(spectrum, row, 0)
      input.set(row)
      project(basis, input, 0, out, at)
    },
  }
}

/**
 * Mel-frequency cepstral coefficients: the cosine transform of the mel spectrogram in decibels; equal to `librosa.feature.mfcc`.
 *
 * With `topDb` (default 80) the quietest value depends on the loudest of the whole signal; use `topDb: null` where the same
 * frames must come out of a stream.
 *
 * @param signal - samples of one channel
 * @param options - `sampleRate` in Hz is required
 * @returns `[frames, nMfcc]`
 * @throws EmoRangeError as {@link melSpectrogram} and {@link dct}; `OUT_OF_RANGE` for nMfcc above nMels
 */
export function mfcc(signal: Signal, options: MfccOptions): Matrix {
  const mel = melKernel(options)
  const toLevels = levelsOf(options)
  const topDb = topDbOf(options)
  const basis = basisOf(options, mel.width)
  return matrix(applyBasis(basis, toLevels(analyse(signal, options, mel), topDb)), basis.first.length)
}
