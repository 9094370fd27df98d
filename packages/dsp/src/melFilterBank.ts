import { fail, integer, oneOf, sampleRateOf, within } from './internal/check.ts'
import { cached } from './internal/cached.ts'
import { matrix, type Matrix } from './internal/matrix.ts'
import { hzToMel, melToHz, type MelScale } from './melScale.ts'

/** Options of a mel filter bank; names and defaults are librosa's. */
export interface MelFilterBankOptions {
  /** Sample rate of the signal in Hz. */
  sampleRate: number
  /** Samples a transform (default 2048). */
  nFft?: number
  /** Number of filters (default 128). */
  nMels?: number
  /** Lower edge of the first filter in Hz (default 0). */
  fMin?: number
  /** Upper edge of the last filter in Hz (default sampleRate / 2). */
  fMax?: number
  /** Mel scale (default `'slaney'`). */
  scale?: MelScale
  /** `'slaney'` (default): every filter has the area 1 (2 / its width in Hz); null: every filter peaks at 1. */
  melNorm?: 'slaney' | null
}

/** The bank as one run of non-zero weights a filter. */
export interface MelBank {
  readonly nMels: number
  readonly bins: number
  readonly weights: Float32Array
  /** Filter m: bins `first[m]` onwards, weights `from[m]` to `from[m + 1]`. */
  readonly first: Int32Array
  readonly from: Int32Array
}

const build = /* @__PURE__ */ cached(
  (sampleRate: number, nFft: number, nMels: number, fMin: number, fMax: number, scale: MelScale, melNorm: 'slaney' | null): MelBank => {
    const bins = (nFft >> 1) + 1
    const low = hzToMel(fMin, scale)
    const high = hzToMel(fMax, scale)
    const edge = (i: number) => melToHz(low + ((high - low) * i) / (nMels + 1), scale)
    const first = new Int32Array(nMels)
    const from = new Int32Array(nMels + 1)
    const weights: number[] = []
    for (let m = 0; m < nMels; m++) {
      const left = edge(m)
      const peak = edge(m + 1)
      const right = edge(m + 2)
      for (let k = 0; k < bins; k++) {
        const hz = (k * sampleRate) / nFft
        const weight = Math.min((hz - left) / (peak - left), (right - hz) / (right - peak))
        if (weight > 0) {
          if (weights.length === from[m]) first[m] = k
          weights.push(melNorm ? (2 * weight) / (right - left) : weight)
        }
      }
      from[m + 1] = weights.length
    }
    return { nMels, bins, weights: Float32Array.from(weights), first, from }
  },
)

/** Checks the options and finds or builds the bank. Its arrays are shared: do not write to them. */
export function melBank(options: MelFilterBankOptions): MelBank {
  const sampleRate = sampleRateOf(options)
  const { nFft = 2048, nMels = 128, fMin = 0, fMax = sampleRate / 2, scale = 'slaney', melNorm = 'slaney' } = options
  within('fMax', fMax, 0, sampleRate / 2)
  if (!(fMin >= 0 && fMin < fMax)) fail('OUT_OF_RANGE', 'fMin', fMin, 'give 0 to below fMax')
  oneOf('scale', scale, 'slaney', 'htk')
  oneOf('melNorm', melNorm, 'slaney', null)
  return build(sampleRate, integer('nFft', nFft, 2), integer('nMels', nMels), fMin, fMax, scale, melNorm)
}

/** One frame: mel energies of the spectrum. */
export function applyMelBank(bank: MelBank, spectrum: ArrayLike<number>, out: Float32Array, at: number): void {
  const { nMels, weights, first, from } = bank
  for (let m = 0, i = 0; m < nMels; m++) {
    const end = from[m + 1]
    let sum = 0
    for (let k = first[m]; i < end; i++, k++) sum += weights[i] * spectrum[k]
    out[at + m] = sum
  }
}

/**
 * Triangular filters that sum a power spectrum into mel bands; equal to `librosa.filters.mel`.
 *
 * A filter so narrow that no bin falls into it is a row of zeros, as in librosa (which warns): use fewer `nMels` or a larger `nFft`.
 *
 * @param options - sample rate and frequencies in Hz, sizes, scale and normalisation
 * @returns `[nMels, 1 + floor(nFft / 2)]` weights
 * @throws EmoRangeError `SAMPLE_RATE`, `NOT_INTEGER`, `OUT_OF_RANGE` (fMax above the Nyquist frequency, fMin not below fMax), `UNKNOWN_OPTION`
 */
export function melFilterBank(options: MelFilterBankOptions): Matrix {
  const { nMels, bins, weights, first, from } = melBank(options)
  const dense = new Float32Array(nMels * bins)
  for (let m = 0; m < nMels; m++) dense.set(weights.subarray(from[m], from[m + 1]), m * bins + first[m])
  return matrix(nMels, bins, dense)
}
