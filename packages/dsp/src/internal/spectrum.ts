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
  /** Interleaved re, im of bins 0 to nFft / 2. */
  readonly transform: (data: Float32Array, offset: number) => Float64Array
  /** Squared magnitudes. */
  readonly power: (data: Float32Array, offset: number) => Float64Array
}

/** Samples a transform. */
export function fftSize(options: SpectrumOptions): number {
  return integer(options, 'nFft', 2048, 2)
}

/** Bins of a transform, from 0 Hz to the Nyquist frequency. */
export function binsOf(options: SpectrumOptions): number {
  return (fftSize(options) >> 1) + 1
}

export function spectrumPlan(options: SpectrumOptions): SpectrumPlan {
  const nFft = fftSize(options)
  const winLength = integer(options, 'winLength', nFft, 1, nFft)
  const { input, step, forward } = realFft(nFft)
  // Zeros wherever the input has to be zero: about a shorter window, and between the samples of an odd size.
  const weights = new Float64Array(nFft * step)
  windowOf(options, winLength).forEach((weight, i) => (weights[step * (i + ((nFft - winLength) >> 1))] = weight))
  const powers = new Float64Array(binsOf(options))
  const transform = (data: Float32Array, offset: number) => {
    for (let i = 0; i < weights.length; i++) input[i] = weights[i] * data[offset + (i >> (step - 1))]
    return forward()
  }
  return {
    grid: frameGrid(options, nFft),
    transform,
    power(data, offset) {
      const z = transform(data, offset)
      for (let k = 0; k < powers.length; k++) powers[k] = z[2 * k] * z[2 * k] + z[2 * k + 1] * z[2 * k + 1]
      return powers
    },
  }
}

/** Writes the features of one frame's power spectrum to `out` from `at`. */
export interface SpectrumKernel {
  /** Features a frame. */
  readonly width: number
  readonly run: (spectrum: Float64Array, out: Float32Array, at: number) => void
}

/** A kernel that wants magnitudes: float32, as librosa keeps them. */
export function ofMagnitudes(
  options: SpectrumOptions,
  run: (magnitudes: Float32Array, out: Float32Array, at: number) => void,
  width = 1,
): SpectrumKernel {
  const magnitudes = new Float32Array(binsOf(options))
  return {
    width,
    run(spectrum, out, at) {
      for (let k = 0; k < magnitudes.length; k++) magnitudes[k] = Math.sqrt(spectrum[k])
      run(magnitudes, out, at)
    },
  }
}

/** The features of all frames of a signal, row by row. */
export function analyse(signal: Signal, options: SpectrumOptions, { width, run }: SpectrumKernel): Float32Array {
  const { grid, power } = spectrumPlan(options)
  return mapFrames(signal, grid, (data, offset, out, at) => run(power(data, offset), out, at), width)
}

/** The same as a matrix. */
export function analyseRows(signal: Signal, options: SpectrumOptions, kernel: SpectrumKernel): Matrix {
  return matrix(analyse(signal, options, kernel), kernel.width)
}
