import { readFileSync } from 'node:fs'
import * as dsp from '../index.ts'
import { readNpy } from './npy.ts'

const directory = new URL('./fixtures/librosa/', import.meta.url)

export interface ReferenceCase {
  case: string
  function: string
  signal: string | null
  sampleRate: number
  params: Record<string, number | string | boolean | null>
  shape: number[]
}

export const cases = (JSON.parse(readFileSync(new URL('index.json', directory), 'utf8')) as { cases: ReferenceCase[] }).cases

const names: Record<string, string> = {
  n_fft: 'nFft',
  hop_length: 'hopLength',
  win_length: 'winLength',
  window: 'window',
  center: 'center',
  pad_mode: 'padMode',
  n_mels: 'nMels',
  fmin: 'fMin',
  fmax: 'fMax',
  scale: 'scale',
  norm: 'melNorm',
  power: 'power',
  ref: 'ref',
  amin: 'amin',
  top_db: 'topDb',
  n_mfcc: 'nMfcc',
  lifter: 'lifter',
  dct_type: 'dctType',
  width: 'width',
  order: 'order',
  mode: 'mode',
  frame_length: 'frameLength',
  roll_percent: 'rollPercent',
  n_bands: 'nBands',
  quantile: 'quantile',
  n_chroma: 'nChroma',
  tuning: 'tuning',
  coef: 'coefficient',
}

/** librosa's parameters as our options; an unknown one is an error, so that no parameter is left out. */
function optionsOf(c: ReferenceCase): never {
  const options: Record<string, unknown> = { sampleRate: c.sampleRate }
  for (const [key, value] of Object.entries(c.params)) {
    if (key === 'htk') options.scale = value ? 'htk' : 'slaney'
    else if (key in names) options[names[key]] = value
    else throw new Error(`${c.case}: unknown parameter ${key}`)
  }
  return options as never
}

export function signalOf(name: string): Float32Array {
  return readNpy(new URL(`signal-${name}.npy`, directory)).data
}

const run: Record<string, (x: Float32Array, o: never) => dsp.Matrix | Float32Array | readonly number[]> = {
  'abs(stft)': (x, o) => dsp.magnitudeSpectrogram(x, o),
  melspectrogram: (x, o) => dsp.melSpectrogram(x, o),
  'power_to_db(melspectrogram)': (x, o) => dsp.powerToDb(dsp.melSpectrogram(x, o), o),
  mfcc: (x, o) => dsp.mfcc(x, o),
  'delta(mfcc)': (x, o) => dsp.delta(dsp.mfcc(x, o), o),
  zero_crossing_rate: (x, o) => dsp.zeroCrossingRate(x, o),
  rms: (x, o) => dsp.rms(x, o),
  spectral_centroid: (x, o) => dsp.spectralCentroid(x, o),
  spectral_bandwidth: (x, o) => dsp.spectralBandwidth(x, o),
  spectral_rolloff: (x, o) => dsp.spectralRolloff(x, o),
  spectral_flatness: (x, o) => dsp.spectralFlatness(x, o),
  spectral_contrast: (x, o) => dsp.spectralContrast(x, o),
  chroma_stft: (x, o) => dsp.chroma(x, o),
  preemphasis: (x, o) => dsp.preEmphasis(x, o),
  'trim (start, end samples)': (x, o) => {
    const { start, end } = dsp.trim(x, o)
    return [start, end]
  },
  lpc: (x, o) => dsp.lpc(x, o),
  yin: (x, o) => dsp.yin(x, o),
  'pyin f0 (NaN where unvoiced)': (x, o) => dsp.pyin(x, o).f0,
  'pyin voiced flag': (x, o) => Float32Array.from(dsp.pyin(x, o).voiced),
  'split (start, end samples)': (x, o) => dsp.split(x, o).flat(),
}

export interface Comparison {
  /** Largest absolute difference. */
  absolute: number
  /** The same, divided by the largest magnitude of the reference, or by 1e-9 where that is less: such a reference is rounding noise around 0. */
  relative: number
  /** Share of values that are not equal. */
  unequal: number
  shape: number[]
  expectedShape: number[]
}

/** Computes one case and compares it with its reference, value by value. */
export function compare(c: ReferenceCase): Comparison {
  const expected = readNpy(new URL(`${c.case}.npy`, directory))
  const options = optionsOf(c)
  const actual = c.signal === null ? dsp.melFilterBank(options) : run[c.function](signalOf(c.signal), options)
  const isMatrix = 'stride' in actual
  // librosa: features x frames; here frames first. A filter bank has the same orientation in both.
  const transposed = isMatrix && c.signal !== null
  const [rows, columns] = isMatrix ? actual.shape : [actual.length, 1]
  const expectedShape = c.function.startsWith('split')
    ? [expected.data.length, 1]
    : transposed
      ? [...expected.shape].reverse()
      : isMatrix
        ? expected.shape
        : [expected.data.length, 1]
  let absolute = 0
  let unequal = 0
  let largest = 0
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const value = isMatrix ? actual.get(i, j) : actual[i]
      const reference = transposed ? expected.data[j * rows + i] : expected.data[i * columns + j]
      if (c.function.startsWith('pyin f0') && (Number.isNaN(value) || Number.isNaN(reference))) continue // the flags are compared by their own case
      const difference = Math.abs(value - reference)
      if (difference > 0) unequal++
      absolute = Math.max(absolute, Number.isNaN(difference) ? Infinity : difference)
      largest = Math.max(largest, Math.abs(reference))
    }
  }
  return {
    absolute,
    relative: absolute / Math.max(largest, 1e-9),
    unequal: unequal / (rows * columns),
    shape: [rows, columns],
    expectedShape,
  }
}
