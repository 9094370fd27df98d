import { fail, oneOf, sampleRateOf } from './check.ts'
import { runFrames, type FrameGrid, type FrameKernel, type PadMode } from './frames.ts'
import { matrix, type Matrix } from './matrix.ts'
import { spectrumPlan, type SpectrumKernel, type SpectrumOptions } from './spectrum.ts'
import { chromaKernel, type ChromaOptions } from '../chroma.ts'
import type { MelFilterBankOptions } from '../melFilterBank.ts'
import { melKernel } from '../melSpectrogram.ts'
import { logMelKernel, mfccKernel, type MfccOptions } from '../mfcc.ts'
import { rmsKernel } from '../rms.ts'
import { magnitudeKernel } from '../magnitudeSpectrogram.ts'
import { bandwidthKernel } from '../spectralBandwidth.ts'
import { centroidKernel } from '../spectralCentroid.ts'
import { contrastKernel, type SpectralContrastOptions } from '../spectralContrast.ts'
import { flatnessKernel } from '../spectralFlatness.ts'
import { rolloffKernel } from '../spectralRolloff.ts'
import { yinKernel, type YinOptions } from '../yin.ts'
import { crossingKernel } from '../zeroCrossingRate.ts'

/** Options of a feature itself, without those that all features of a frame share. */
type Own<O> = Omit<O, keyof SpectrumOptions | 'sampleRate'>

/** A feature with options of its own; {@link FeatureName} alone stands for its defaults. */
export type FeatureRequest =
  | ({ name: 'mfcc' } & Own<MfccOptions>)
  | ({ name: 'melSpectrogram' } & Own<MelFilterBankOptions> & { power?: number })
  | ({ name: 'logMelSpectrogram' } & Own<MelFilterBankOptions> & { power?: number; amin?: number })
  | { name: 'magnitudeSpectrogram' }
  | { name: 'rms' }
  | { name: 'zeroCrossingRate' }
  | { name: 'spectralCentroid' }
  | { name: 'spectralBandwidth'; p?: number }
  | { name: 'spectralRolloff'; rollPercent?: number }
  | { name: 'spectralFlatness'; amin?: number; power?: number }
  | ({ name: 'spectralContrast' } & Own<SpectralContrastOptions>)
  | ({ name: 'chroma' } & Own<ChromaOptions>)
  | ({ name: 'yin' } & Pick<YinOptions, 'fMin' | 'fMax' | 'troughThreshold'>)

/** Features that {@link extractFeatures} and `FeatureStream` know; `yin` needs a request with its frequencies. */
export type FeatureName = FeatureRequest['name']

/** Options of {@link extractFeatures} and `FeatureStream`: plain data, so they can be stored beside a model and sent to a worklet. */
export interface FeatureOptions extends SpectrumOptions {
  /** Sample rate of the signal in Hz. */
  sampleRate: number
  /** Features in the order of the columns. `rms` and `zeroCrossingRate` take frames of `nFft` samples. */
  features: readonly (Exclude<FeatureName, 'yin'> | FeatureRequest)[]
}

/** Where a feature lies: columns `start` to `start + width` of every frame. */
export interface FeatureColumns {
  readonly name: FeatureName
  readonly start: number
  readonly width: number
}

/** A feature of the samples themselves, with a padding of its own, as its own function has. */
interface FramePart {
  readonly padMode: PadMode
  readonly run: FrameKernel
}

/** Every feature of one frame, side by side. */
export interface Extractor {
  readonly grid: FrameGrid
  readonly width: number
  readonly columns: readonly FeatureColumns[]
  /** Frames `from` to `until` as rows. `samples[0]` is the sample of index `base`; the signal (so far) ends at `total`. */
  readonly run: (samples: Float32Array, base: number, total: number, from: number, until: number) => Matrix
}

/** The request and the shared options, which win. */
type Merged = FeatureOptions & { nFft: number } & Required<YinOptions> & MfccOptions & ChromaOptions

/** A kernel for every feature. */
const factories: Record<FeatureName, (o: Merged) => SpectrumKernel | FramePart> = {
  mfcc: mfccKernel,
  melSpectrogram: melKernel,
  logMelSpectrogram: logMelKernel,
  magnitudeSpectrogram: magnitudeKernel,
  rms: (o) => ({ padMode: 'constant', run: rmsKernel(o.nFft) }),
  zeroCrossingRate: (o) => ({ padMode: 'edge', run: crossingKernel(o.nFft) }),
  spectralCentroid: centroidKernel,
  spectralBandwidth: bandwidthKernel,
  spectralRolloff: rolloffKernel,
  spectralFlatness: flatnessKernel,
  spectralContrast: contrastKernel,
  chroma: chromaKernel,
  yin: (o) => ({ padMode: 'constant', run: yinKernel({ ...o, frameLength: o.nFft, winLength: o.nFft >> 1 }).run }),
}

/** Checks the options and prepares all features. */
export function createExtractor(options: FeatureOptions): Extractor {
  const rate = sampleRateOf(options)
  const { grid, power } = spectrumPlan(options)
  const { features } = options
  if (!Array.isArray(features) || !features.length) fail('UNKNOWN_OPTION', 'features', features, 'at least one')
  let width = 0
  // One transform a frame for all that start from it, and a pass for every other feature, padded in its own way.
  const spectral: { start: number; run: SpectrumKernel['run'] }[] = []
  const passes: { grid: FrameGrid; start: number; run: FrameKernel }[] = []
  const columns = features.map((feature) => {
    const request = (typeof feature === 'string' ? { name: feature } : feature) as FeatureRequest
    const name = oneOf({ feature: request.name }, 'feature', ...(Object.keys(factories) as FeatureName[]))
    // What only the whole signal could answer.
    const { topDb = null, tuning = 0 } = request as Partial<MfccOptions & ChromaOptions>
    if (topDb !== null) fail('NOT_STREAMABLE', 'topDb', topDb, 'null in a stream')
    if (tuning === null) fail('NOT_STREAMABLE', 'tuning', tuning, 'a number in a stream')
    // A feature cannot be at another rate than the signal.
    oneOf(request as Partial<FeatureOptions>, 'sampleRate', rate)
    const kernel = { width: 1, ...factories[name]({ ...request, ...options, nFft: grid.frameLength } as unknown as Merged) }
    const column = { name, start: width, width: kernel.width }
    if ('padMode' in kernel) passes.push({ ...column, ...kernel, grid: { ...grid, ...kernel } })
    else spectral.push({ ...column, ...kernel })
    width += kernel.width
    return column
  })
  if (spectral.length) {
    passes.push({
      grid,
      start: 0,
      run(data, offset, out, at) {
        const spectrum = power(data, offset)
        for (let i = 0; i < spectral.length; i++) spectral[i].run(spectrum, out, at + spectral[i].start)
      },
    })
  }
  return {
    grid,
    width,
    columns,
    run(samples, base, total, from, until) {
      const out = new Float32Array((until - from) * width)
      for (const { run, grid, start } of passes) runFrames(run, grid, samples, base, total, from, until, width, out, start)
      return matrix(out, width)
    },
  }
}
