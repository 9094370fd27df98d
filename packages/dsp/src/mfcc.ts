import { integer, within, type Signal } from './internal/check.ts'
import { matrix, type Matrix } from './internal/matrix.ts'
import { analyse, spectrumPlan, type SpectrumKernel } from './internal/spectrum.ts'
import { applyBasis, dctBasis, type DctOptions } from './dct.ts'
import { decibelRange, toDecibels, type DecibelOptions } from './decibels.ts'
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

/** The two halves of MFCC: mel energies of a frame, and what makes rows of them (which it overwrites) into rows of coefficients. */
function mfccParts(options: MfccOptions) {
  const mel = melKernel(options)
  const { nMfcc = 20, lifter = 0, ref = 1 } = options
  const nMels = mel.width
  integer('nMfcc', nMfcc, 1, nMels)
  within('lifter', lifter, 0, Infinity)
  within('ref', ref, 0, Infinity)
  const { amin, topDb } = decibelRange(options, 1e-10)
  const basis = dctBasis(nMels, nMfcc, options)
  const gains = Float64Array.from({ length: nMfcc }, (_, n) => (lifter ? 1 + (lifter / 2) * Math.sin((Math.PI * (n + 1)) / lifter) : 1))
  return {
    mel,
    nMfcc,
    finish: (rows: Float32Array, out: Float32Array, at: number): void => {
      toDecibels(rows, ref, amin, topDb)
      applyBasis(basis, nMels, rows, out, at)
      for (let i = 0; i < (rows.length / nMels) * nMfcc; i++) out[at + i] *= gains[i % nMfcc]
    },
  }
}

/** MFCC of one frame, for streams: `topDb` must be null, since the loudest frame of all is not known yet. */
export function mfccKernel(options: MfccOptions): SpectrumKernel {
  const { mel, nMfcc, finish } = mfccParts(options)
  const row = new Float32Array(mel.width)
  return {
    width: nMfcc,
    run(spectrum, out, at) {
      mel.run(spectrum, row, 0)
      finish(row, out, at)
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
  const { mel, nMfcc, finish } = mfccParts(options)
  const rows = analyse(signal, spectrumPlan(options), mel)
  const out = matrix(rows.length / mel.width, nMfcc)
  finish(rows, out.data, 0)
  return out
}
