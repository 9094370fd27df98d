import { fail, integer, number, sampleRateOf, type Signal } from './internal/check.ts'
import { matrix, type Matrix } from './internal/matrix.ts'
import { analyse } from './internal/spectrum.ts'
import { speechFrame } from './internal/speechFrame.ts'
import { melSpectrogram, type MelSpectrogramOptions } from './melSpectrogram.ts'

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
  const usual = speechFrame(sampleRate)
  const { nFft = usual.nFft } = options
  const hopLength = integer(options, 'hopLength', usual.hopLength)
  const frameRate = sampleRate / hopLength
  const modulationMin = number(options, 'modulationMin', 0.5, 1e-4, frameRate / 2)
  const modulationMax = number(options, 'modulationMax', 16, 0, frameRate / 2)
  const segment = Math.round(number(options, 'segmentSeconds', 2, 0.01, 1e4) * frameRate)
  const resolution = frameRate / segment
  // A hair of tolerance, so that a limit which is a multiple of the resolution is included whatever the rounding.
  const first = Math.ceil(modulationMin / resolution - 1e-6)
  const count = Math.floor(modulationMax / resolution + 1e-6) - first + 1
  if (count < 1) fail('OUT_OF_RANGE', 'modulationMin', modulationMin, 'less, or more segmentSeconds')
  return { segment, first, count, resolution, mel: { nMels: 40, power: 1, ...options, nFft, hopLength } }
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
  const { data, shape } = melSpectrogram(signal, mel)
  const [frames, nMels] = shape
  const winLength = Math.min(segment, frames)
  // The sum of the Hann window.
  const gain = Math.max(1, winLength / 2)
  const envelope = new Float32Array(Math.max(segment, frames))
  const out = new Float32Array(nMels * count)
  for (let m = 0; m < nMels; m++) {
    let mean = 0
    for (let t = 0; t < frames; t++) mean += data[t * nMels + m] / frames
    if (mean < 1e-10) continue
    // The window is in the middle of the transform.
    for (let t = 0; t < frames; t++) envelope[t + ((segment - winLength) >> 1)] = data[t * nMels + m] / mean - 1
    const powers = analyse(
      envelope,
      { nFft: segment, hopLength: Math.max(1, segment >> 1), winLength, center: false },
      { width: count, run: (spectrum, rows, at) => rows.set(spectrum.subarray(first, first + count), at) },
    )
    for (let i = 0; i < count; i++) {
      let sum = 0
      for (let at = i; at < powers.length; at += count) sum += powers[at]
      out[m * count + i] = (2 / gain) * Math.sqrt((sum * count) / powers.length)
    }
  }
  return matrix(out, count)
}
