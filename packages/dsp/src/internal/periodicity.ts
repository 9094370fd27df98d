import { fail, integer, sampleRateOf, within } from './check.ts'
import { complexFft } from './fft.ts'
import { frameGrid, type FrameGrid, type PadMode } from './frames.ts'

/** Options of {@link yin} and {@link pyin}; names and defaults are librosa's. */
export interface PitchOptions {
  /** Sample rate of the signal in Hz. */
  sampleRate: number
  /** Lowest fundamental frequency in Hz. */
  fMin: number
  /** Highest fundamental frequency in Hz, at most sampleRate / 2. */
  fMax: number
  /** Samples a frame (default 2048). */
  frameLength?: number
  /** Samples that are compared with themselves later (default frameLength / 2). */
  winLength?: number
  /** Samples from one frame to the next (default frameLength / 4). */
  hopLength?: number
  /** Frame t is centred on sample t * hopLength (default true) instead of starting there. */
  center?: boolean
  /** Samples made up beyond the ends when `center` (default `'constant'`, zeros). */
  padMode?: PadMode
}

/** Checked options and the difference function of a frame. */
export interface Periodicity {
  readonly grid: FrameGrid
  readonly sampleRate: number
  readonly minPeriod: number
  /** d'(tau) of the frame analysed last, tau from minPeriod to maxPeriod. */
  readonly difference: Float64Array
  readonly analyse: (data: Float32Array, offset: number) => void
}

/**
 * The cumulative mean normalised difference function, equations 6 to 8 of de Cheveigné and Kawahara 2002, by autocorrelation.
 */
export function periodicity(options: PitchOptions): Periodicity {
  const sampleRate = sampleRateOf(options)
  const { fMin, fMax } = options
  const frameLength = integer(options, 'frameLength', 2048, 4)
  const winLength = integer(options, 'winLength', frameLength >> 1, 1, frameLength)
  const grid = frameGrid(options, frameLength, Math.max(1, frameLength >> 2))
  within('fMin', fMin, 0, within('fMax', fMax, 0, sampleRate / 2), true)
  const minPeriod = Math.floor(sampleRate / fMax)
  const maxPeriod = Math.min(Math.ceil(sampleRate / fMin), frameLength - winLength - 1)
  if (maxPeriod - minPeriod < 2) fail('OUT_OF_RANGE', 'frameLength', frameLength, 'more, or a higher fMin')
  let size = 4
  while (size < frameLength) size *= 2
  const fft = complexFft(size)
  const work = new Float64Array(2 * size)
  const product = new Float64Array(2 * size)
  const energy = new Float32Array(frameLength)
  const difference = new Float64Array(maxPeriod - minPeriod + 1)
  // librosa takes sums this close to 0 for 0.
  const tiny = 1e-6
  const energyAt = (tau: number) => {
    const e = Math.fround(energy[winLength + tau] - energy[tau])
    return Math.abs(e) < tiny ? 0 : e
  }
  return {
    grid,
    sampleRate,
    minPeriod,
    difference,
    analyse(data, offset) {
      // The frame in the real part, its first winLength samples (from 1) reversed in the imaginary part: one transform for both.
      work.fill(0)
      for (let i = 0; i < frameLength; i++) work[2 * i] = data[offset + i]
      for (let i = 0; i < winLength; i++) work[2 * i + 1] = data[offset + winLength - i]
      const z = fft(work)
      // Product of both spectra, (Z(k)^2 - conj(Z(-k))^2) / 4i, conjugated so that a forward transform inverts it.
      for (let k = 0; k < size; k++) {
        const m = 2 * ((size - k) & (size - 1))
        const ar = z[2 * k]
        const ai = z[2 * k + 1]
        const br = z[m]
        const bi = -z[m + 1]
        product[2 * k] = (ar * ai - br * bi) / (2 * size)
        product[2 * k + 1] = (ar * ar - ai * ai - (br * br - bi * bi)) / (4 * size)
      }
      const correlation = fft(product)
      // Running sums of squares in float32, as librosa's.
      let sum = 0
      for (let i = 0; i < frameLength; i++) {
        const x = data[offset + i]
        energy[i] = sum = Math.fround(sum + Math.fround(x * x))
      }
      const first = energyAt(0)
      let total = 0
      for (let tau = 1; tau <= maxPeriod; tau++) {
        const r = correlation[2 * (winLength + tau)]
        const d = Math.fround(first + energyAt(tau)) - 2 * (Math.abs(r) < tiny ? 0 : r)
        total += d
        if (tau >= minPeriod) difference[tau - minPeriod] = d / (total / tau + Number.MIN_VALUE)
      }
    },
  }
}

/** Whether index i is a minimum: below its left neighbour and not above its right one; librosa's rule at the ends. */
export function isTrough(d: Float64Array, i: number): boolean {
  if (i === 0) return d[0] < d[1]
  return d[i] < d[i - 1] && (i === d.length - 1 || d[i] <= d[i + 1])
}

/** Offset of the vertex of the parabola through three points, 0 at the ends and where it is not between the neighbours. */
export function parabolicShift(d: Float64Array, i: number): number {
  if (i === 0 || i === d.length - 1) return 0
  const a = d[i + 1] + d[i - 1] - 2 * d[i]
  const b = (d[i + 1] - d[i - 1]) / 2
  return Math.abs(b) >= Math.abs(a) ? 0 : -b / a
}
