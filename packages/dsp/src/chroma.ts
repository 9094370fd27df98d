import { integer, number, oneOf, positive, sampleRateOf, within, type Signal } from './internal/check.ts'
import { roundHalfEven } from './internal/roundHalfEven.ts'
import { cached } from './internal/cached.ts'
import { modulo } from './internal/frames.ts'
import type { Matrix } from './internal/matrix.ts'
import { project, projection, type Projection } from './internal/projection.ts'
import { analyseRows, fftSize, type SpectrumKernel } from './internal/spectrum.ts'
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

/** Weights of the bins in every pitch class. */
const build = /* @__PURE__ */ cached(
  (sampleRate: number, nFft: number, nChroma: number, tuning: number, ctroct: number, octwidth: number | null): Projection => {
    const bins = (nFft >> 1) + 1
    // Position of every bin in pitch classes above A. The bin at 0 Hz gets one and a half octaves below the first.
    const position = Float64Array.from(
      { length: bins + 1 },
      (_, k) => nChroma * Math.log2(((k || 2 ** -1.5) * sampleRate) / nFft / 27.5) - tuning,
    )
    const half = roundHalfEven(nChroma / 2)
    const bump = (c: number, k: number) => {
      const distance = modulo(position[k] - c + half, nChroma) - half
      return Math.exp(-2 * (distance / Math.max(position[k + 1] - position[k], 1)) ** 2)
    }
    const gains = position.map((p, k) => {
      let norm = 0
      for (let c = 0; c < nChroma; c++) norm += bump(c, k) ** 2
      return (octwidth === null ? 1 : Math.exp(-0.5 * ((p / nChroma - ctroct) / octwidth) ** 2)) / Math.sqrt(norm)
    })
    // The positions start from A, the result on C.
    return projection(nChroma, bins, (c, k) => gains[k] * bump(c + 3 * Math.floor(nChroma / 12), k))
  },
)

/** Pitch classes of one frame; the tuning must be a number. */
export function chromaKernel(options: ChromaOptions): SpectrumKernel {
  const sampleRate = sampleRateOf(options)
  const { tuning = 0, octwidth = 2 } = options
  const norm = oneOf(options, 'norm', Infinity, 1, 2, null)
  const nChroma = integer(options, 'nChroma', 12)
  const weights = build(
    sampleRate,
    fftSize(options),
    nChroma,
    within('tuning', tuning!, -Infinity, Infinity),
    number(options, 'ctroct', 5, -Infinity),
    octwidth === null ? null : positive({ octwidth }, 'octwidth'),
  )
  return {
    width: nChroma,
    run(spectrum, out, at) {
      project(weights, spectrum, 0, out, at)
      if (norm !== null) normalise(out, at, nChroma, norm)
    },
  }
}

/** Divides a row of non-negative values by its norm; rows of (almost) nothing stay as they are, as in librosa. */
export function normalise(out: Float32Array | Float64Array, at: number, width: number, norm: number): void {
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
  const own = { ...options }
  own.tuning ??= estimateTuning(signal, { ...own, binsPerOctave: integer(own, 'nChroma', 12) })
  return analyseRows(signal, own, chromaKernel(own))
}
