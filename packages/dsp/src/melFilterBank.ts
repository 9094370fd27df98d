import { fail, integer, number, oneOf, sampleRateOf } from './internal/check.ts'
import { cached } from './internal/cached.ts'
import { projection, type Projection } from './internal/projection.ts'
import { fftSize } from './internal/spectrum.ts'
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

const build = /* @__PURE__ */ cached(
  (sampleRate: number, nFft: number, nMels: number, fMin: number, fMax: number, scale: MelScale, melNorm: 'slaney' | null): Projection => {
    const bins = (nFft >> 1) + 1
    const low = hzToMel(fMin, scale)
    const high = hzToMel(fMax, scale)
    const edges = Float64Array.from({ length: nMels + 2 }, (_, i) => melToHz(low + ((high - low) * i) / (nMels + 1), scale))
    return projection(nMels, bins, (m, k) => {
      const left = edges[m]
      const peak = edges[m + 1]
      const right = edges[m + 2]
      const hz = (k * sampleRate) / nFft
      return Math.max(0, Math.min((hz - left) / (peak - left), (right - hz) / (right - peak))) * (melNorm ? 2 / (right - left) : 1)
    })
  },
)

/** Checks the options and finds or builds the bank. Its arrays are shared: do not write to them. */
export function melBank(options: MelFilterBankOptions): Projection {
  const sampleRate = sampleRateOf(options)
  const fMax = number(options, 'fMax', sampleRate / 2, 0, sampleRate / 2)
  const fMin = number(options, 'fMin', 0, 0, fMax)
  if (fMin === fMax) fail('OUT_OF_RANGE', 'fMin', fMin, 'less than fMax')
  return build(
    sampleRate,
    fftSize(options),
    integer(options, 'nMels', 128),
    fMin,
    fMax,
    oneOf(options, 'scale', 'slaney', 'htk'),
    oneOf(options, 'melNorm', 'slaney', null),
  )
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
  const { weights, columns } = melBank(options)
  return matrix(Float32Array.from(weights), columns)
}
