import { integer, type Signal } from './check.ts'
import { realFft } from './fft.ts'
import { frameGrid, mapFrames, type FrameGrid, type PadMode } from './frames.ts'
import { matrix, type Matrix } from './matrix.ts'
import { windowOf, type Window } from '../windows.ts'

/** Options of every function that starts from a short-time Fourier transform; names and defaults are librosa's. */
export interface SpectrumOptions {
  /** Samples a transform, any integer of at least 2 (default 2048); powers of two are fastest. */
  nFft?: number
  /** Samples from one frame to the next (default 512). */
  hopLength?: number
  /** Samples of the window, centred in the transform and padded with zeros (default `nFft`). */
  winLength?: number
  /** Window by name, periodic, or `winLength` samples (default `'hann'`). */
  window?: Window
  /** Frame t is centred on sample t * hopLength (default true) instead of starting there. */
  center?: boolean
  /** Samples made up beyond the ends when `center` (default `'constant'`, zeros). */
  padMode?: PadMode
}

/** One set of checked options with all that a frame needs. The returned arrays are reused by the next call. */
export interface SpectrumPlan {
  readonly grid: FrameGrid
  readonly bins: number
  /** Interleaved re, im of bins 0 to nFft / 2. */
  transform(data: Float32Array, offset: number): Float64Array
  /** Squared magnitudes. */
  power(data: Float32Array, offset: number): Float64Array
}

export function spectrumPlan(options: SpectrumOptions = {}): SpectrumPlan {
  const { nFft = 2048, hopLength = 512, window = 'hann', center = true, padMode = 'constant' } = options
  integer('nFft', nFft, 2)
  const winLength = integer('winLength', options.winLength ?? nFft, 1, nFft)
  const grid = frameGrid(nFft, hopLength, center, padMode)
  const weights = windowOf(window, winLength)
  const fft = realFft(nFft)
  const bins = (nFft >> 1) + 1
  const first = (nFft - winLength) >> 1
  const last = first + winLength
  const powers = new Float64Array(bins)
  const transform = (data: Float32Array, offset: number) => {
    const { input, output } = fft
    if (winLength < nFft) input.fill(0)
    for (let i = first; i < last; i++) input[i] = weights[i - first] * data[offset + i]
    fft.forward()
    return output
  }
  return {
    grid,
    bins,
    transform,
    power(data, offset) {
      const z = transform(data, offset)
      for (let k = 0, j = 0; k < bins; k++, j += 2) powers[k] = z[j] * z[j] + z[j + 1] * z[j + 1]
      return powers
    },
  }
}

/** Writes the features of one frame's power spectrum to `out` from `at`. */
export interface SpectrumKernel {
  /** Features a frame. */
  readonly width: number
  readonly run: (spectrum: ArrayLike<number>, out: Float32Array, at: number) => void
}

/** A kernel that wants magnitudes: float32, as librosa keeps them. */
export function ofMagnitudes(width: number, run: (magnitudes: Float32Array, out: Float32Array, at: number) => void): SpectrumKernel {
  let magnitudes = new Float32Array(0)
  return {
    width,
    run(spectrum, out, at) {
      if (magnitudes.length === 0) magnitudes = new Float32Array(spectrum.length)
      for (let k = 0; k < magnitudes.length; k++) magnitudes[k] = Math.sqrt(spectrum[k])
      run(magnitudes, out, at)
    },
  }
}

/** The features of all frames of a signal, row by row. */
export function analyse(signal: Signal, plan: SpectrumPlan, { width, run }: SpectrumKernel): Float32Array {
  return mapFrames(signal, plan.grid, width, (data, offset, out, at) => run(plan.power(data, offset), out, at))
}

/** The same as a matrix. */
export function analyseRows(signal: Signal, plan: SpectrumPlan, kernel: SpectrumKernel): Matrix {
  const data = analyse(signal, plan, kernel)
  return matrix(data.length / kernel.width, kernel.width, data)
}
