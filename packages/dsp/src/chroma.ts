import { integer, oneOf, positive, sampleRateOf, within, type Signal } from './internal/check.ts'
import { roundHalfEven } from './internal/roundHalfEven.ts'
import { cached } from './internal/cached.ts'
import type { Matrix } from './internal/matrix.ts'
import { analyseRows, spectrumPlan, type SpectrumKernel } from './internal/spectrum.ts'
import type { SpectralOptions } from './spectralCentroid.ts'
import { estimateTuning } from './tuning.ts'

/** Options of {@link chroma}; names and defaults are librosa's. */
export interface ChromaOptions extends SpectralOptions {
  /** Pitch classes an octave (default 12). */
  nChroma?: number
  /** Deviation from A = 440 Hz as a fraction of a pitch class; null (default) estimates it from the whole signal. */
  tuning?: number | null
  /** Every frame is divided by its largest value (default Infinity), its sum (1) or its Euclidean norm (2), or by nothing (null). */
  norm?: number | null
  /** Centre of the Gaussian weight over octaves, in octaves above 27.5 Hz (default 5). */
  ctroct?: number
  /** Width of that weight in octaves (default 2); null for none. */
  octwidth?: number | null
}

/** Weights of the bins in every pitch class, `[nChroma, bins]`. */
const build = /* @__PURE__ */ cached(
  (sampleRate: number, nFft: number, nChroma: number, tuning: number, ctroct: number, octwidth: number | null): Float32Array => {
    const bins = (nFft >> 1) + 1
    const a0 = 27.5 * 2 ** (tuning / nChroma)
    // Position of every bin in pitch classes. The bin at 0 Hz gets one and a half octaves below the first.
    const position = Float64Array.from({ length: nFft }, (_, k) => nChroma * Math.log2((k * sampleRate) / nFft / a0))
    position[0] = position[1] - 1.5 * nChroma
    const half = roundHalfEven(nChroma / 2)
    const roll = 3 * Math.floor(nChroma / 12)
    const weights = new Float32Array(nChroma * bins)
    const column = new Float64Array(nChroma)
    for (let k = 0; k < bins; k++) {
      const width = k + 1 < nFft ? Math.max(position[k + 1] - position[k], 1) : 1
      let norm = 0
      for (let c = 0; c < nChroma; c++) {
        const raw = (position[k] - c + half + 10 * nChroma) % nChroma
        const distance = (raw < 0 ? raw + nChroma : raw) - half
        column[c] = Math.exp(-0.5 * ((2 * distance) / width) ** 2)
        norm += column[c] * column[c]
      }
      const octave = octwidth === null ? 1 : Math.exp(-0.5 * ((position[k] / nChroma - ctroct) / octwidth) ** 2)
      // Pitch class 0 of the sums above is A; the result starts on C.
      for (let c = 0; c < nChroma; c++) weights[((c + nChroma - roll) % nChroma) * bins + k] = (column[c] / Math.sqrt(norm)) * octave
    }
    return weights
  },
)

/** Pitch classes of one frame; the tuning must be a number. */
export function chromaKernel(options: ChromaOptions): SpectrumKernel {
  const sampleRate = sampleRateOf(options)
  const { nFft = 2048, nChroma = 12, norm = Infinity, ctroct = 5, octwidth = 2 } = options
  integer('nFft', nFft, 2)
  integer('nChroma', nChroma)
  oneOf('norm', norm, Infinity, 1, 2, null)
  within('ctroct', ctroct, -Infinity, Infinity)
  if (octwidth !== null) positive('octwidth', octwidth)
  const tuning = within('tuning', options.tuning ?? 0, -Infinity, Infinity)
  const weights = build(sampleRate, nFft, nChroma, tuning, ctroct, octwidth)
  const bins = weights.length / nChroma
  return {
    width: nChroma,
    run(spectrum, out, at) {
      for (let c = 0, i = 0; c < nChroma; c++) {
        let sum = 0
        for (let k = 0; k < bins; k++, i++) sum += weights[i] * spectrum[k]
        out[at + c] = sum
      }
      if (norm !== null) normalise(out, at, nChroma, norm)
    },
  }
}

/** Divides a row of non-negative values by its norm; rows of (almost) nothing stay as they are, as in librosa. */
export function normalise(out: Float32Array, at: number, width: number, norm: number): void {
  let size = 0
  for (let i = at; i < at + width; i++) {
    const value = Math.abs(out[i])
    size = norm === Infinity ? Math.max(size, value) : size + value ** norm
  }
  if (norm === 2) size = Math.sqrt(size)
  if (size < 1.17549435e-38) return
  for (let i = at; i < at + width; i++) out[i] /= size
}

/**
 * Chroma: the energy of the twelve pitch classes from C, whatever the octave; equal to `librosa.feature.chroma_stft`.
 *
 * @param signal - samples of one channel
 * @param options - `sampleRate` in Hz is required
 * @returns `[frames, nChroma]`, from 0 to 1 with the default norm; zeros where the frame is silent
 * @throws EmoRangeError `SAMPLE_RATE`, `NOT_INTEGER`, `OUT_OF_RANGE`, `UNKNOWN_OPTION`, and as {@link stft}
 */
export function chroma(signal: Signal, options: ChromaOptions): Matrix {
  const plan = spectrumPlan(options)
  const tuning = options.tuning ?? estimateTuning(signal, { ...options, binsPerOctave: options.nChroma ?? 12 })
  return analyseRows(signal, plan, chromaKernel({ ...options, tuning }))
}
