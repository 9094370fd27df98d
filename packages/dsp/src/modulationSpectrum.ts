import { fail, numbersOf, sampleRateOf, type Signal } from './internal/check.ts'
import { realFft } from './internal/fft.ts'
import { matrix, type Matrix } from './internal/matrix.ts'
import { melSpectrogram, type MelSpectrogramOptions } from './melSpectrogram.ts'
import { hann } from './windows.ts'

/** Options of {@link modulationSpectrum}: those of the mel spectrogram whose bands are followed over time, and of the second transform. */
export interface ModulationSpectrumOptions extends MelSpectrogramOptions {
  /** Mel bands (default 40). */
  nMels?: number
  /** Samples a transform (default 25 ms, rounded up to a power of two). */
  nFft?: number
  /** Samples from one frame to the next (default 10 ms). */
  hopLength?: number
  /** Exponent of the magnitudes whose envelope is taken (default 1). */
  power?: number
  /** Seconds of a segment of the envelope; the resolution is its inverse (default 2, that is 0.5 Hz). */
  segmentSeconds?: number
  /** Lowest modulation frequency in Hz (default 0.5). */
  modulationMin?: number
  /** Highest modulation frequency in Hz (default 16). */
  modulationMax?: number
}

function plan(options: ModulationSpectrumOptions) {
  const sampleRate = sampleRateOf(options)
  const nFft = options.nFft ?? 2 ** Math.ceil(Math.log2(0.025 * sampleRate))
  const hopLength = options.hopLength ?? Math.max(1, Math.round(0.01 * sampleRate))
  const frameRate = sampleRate / hopLength
  const { segmentSeconds, modulationMin, modulationMax } = numbersOf(options, { segmentSeconds: [2, 0.01, 1e4], modulationMin: [0.5, 1e-4, frameRate / 2], modulationMax: [16, 0, frameRate / 2] })
  const segment = Math.round(segmentSeconds * frameRate)
  const resolution = frameRate / segment
  // A hair of tolerance, so that a limit which is a multiple of the resolution is included whatever the rounding.
  const first = Math.ceil(modulationMin / resolution - 1e-6)
  const last = Math.floor(modulationMax / resolution + 1e-6)
  if (first > last) fail('OUT_OF_RANGE', 'modulationMin', modulationMin, `no multiple of ${resolution} Hz up to modulationMax: use longer segments`)
  return { segment, first, count: last - first + 1, resolution, mel: { nMels: 40, power: 1, ...options, nFft, hopLength } }
}

/**
 * Modulation frequencies of the columns of {@link modulationSpectrum} with the same options.
 *
 * @param options - `sampleRate` in Hz is required
 * @returns Hz, ascending
 * @throws EmoRangeError as {@link modulationSpectrum}
 */
export function modulationFrequencies(options: ModulationSpectrumOptions): Float32Array {
  const { first, count, resolution } = plan(options)
  return Float32Array.from({ length: count }, (_, i) => (first + i) * resolution)
}

/**
 * Modulation spectrum: how strongly, and how fast, the envelope of every mel band goes up and down. Syllables are at 4 Hz; anger and joy move
 * energy to faster modulations than sadness.
 *
 * The envelope e(t) of a band is cut into Hann-windowed segments that overlap by half; M(f) = 2 / sum(w) * sqrt(mean over segments of
 * |DFT of w (e - mean e)|^2) / mean e, the depth of modulation at f: 1 for an envelope 1 + cos(2 pi f t).
 * After Greenberg and Kingsbury 1997 ("The modulation spectrogram", ICASSP) and Wu, Falk and Chan 2011 ("Automatic speech emotion recognition
 * using modulation spectral features", Speech Communication 53). A signal shorter than a segment is one segment of its own frames, padded with zeros.
 *
 * @param signal - samples of one channel, a second or more
 * @param options - `sampleRate` in Hz is required
 * @returns `[nMels, modulation frequencies]`, see {@link modulationFrequencies}; 0 where a band is silent or steady
 * @throws EmoRangeError as {@link melSpectrogram}; `OUT_OF_RANGE` where the frames are too far apart for `modulationMax`
 */
export function modulationSpectrum(signal: Signal, options: ModulationSpectrumOptions): Matrix {
  const { segment, first, count, mel } = plan(options)
  const bands = melSpectrogram(signal, mel)
  const [frames, nMels] = bands.shape
  const length = Math.min(segment, frames)
  const window = hann(length)
  const gain = window.reduce((sum, w) => sum + w, 0)
  const segments = 1 + Math.floor((frames - length) / Math.max(1, segment >> 1))
  const fft = realFft(segment)
  const out = new Float32Array(nMels * count)
  const power = new Float64Array(count)
  for (let m = 0; m < nMels; m++) {
    let mean = 0
    for (let t = 0; t < frames; t++) mean += bands.data[t * nMels + m] / frames
    if (mean < 1e-10) continue
    power.fill(0)
    for (let s = 0; s < segments; s++) {
      const from = s * (segment >> 1)
      fft.input.fill(0)
      for (let t = 0; t < length; t++) fft.input[t] = window[t] * (bands.data[(from + t) * nMels + m] - mean)
      fft.forward()
      for (let i = 0; i < count; i++) power[i] += fft.output[2 * (first + i)] ** 2 + fft.output[2 * (first + i) + 1] ** 2
    }
    for (let i = 0; i < count; i++) out[m * count + i] = ((2 / gain) * Math.sqrt(power[i] / segments)) / mean
  }
  return matrix(nMels, count, out)
}
