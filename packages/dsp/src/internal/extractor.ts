import { fail, oneOf } from './check.ts'
import { padInto, type FrameGrid, type FrameKernel, type PadMode } from './frames.ts'
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
  const { grid, power } = spectrumPlan(options)
  const { features } = options
  if (!Array.isArray(features) || !features.length) fail('UNKNOWN_OPTION', 'features', features, 'at least one')
  let width = 0
  const parts = features.map((feature) => {
    const request = (typeof feature === 'string' ? { name: feature } : feature) as FeatureRequest
    const name = oneOf({ feature: request.name }, 'feature', ...(Object.keys(factories) as FeatureName[]))
    // What only the whole signal could answer.
    const { topDb = null, tuning = 0 } = request as Pick<MfccOptions & ChromaOptions, 'topDb' | 'tuning'>
    if (topDb !== null) fail('NOT_STREAMABLE', 'topDb', topDb, 'null in a stream')
    if (tuning === null) fail('NOT_STREAMABLE', 'tuning', tuning, 'a number in a stream')
    const kernel = factories[name]({ ...request, ...options, nFft: grid.frameLength } as unknown as Merged)
    const part = { name, start: width, width: 1, padMode: undefined, ...kernel }
    width += part.width
    return part
  })
  const scratch = new Float32Array(grid.frameLength)
  return {
    grid,
    width,
    columns: parts.map(({ name, start, width }) => ({ name, start, width })),
    run(samples, base, total, from, until) {
      const out = new Float32Array((until - from) * width)
      for (let at = 0; at < out.length; at += width) {
        const start = from++ * grid.hopLength - grid.pad
        const inside = start >= 0 && start + grid.frameLength <= total
        const offset = inside ? start - base : 0
        let spectrum: Float64Array | undefined
        for (let i = 0; i < parts.length; i++) {
          const part = parts[i]
          const data = inside ? samples : padInto(scratch, start, samples, base, total, part.padMode ?? grid.padMode)
          if (part.padMode) part.run(data, offset, out, at + part.start)
          else part.run((spectrum ??= power(data, offset)), out, at + part.start)
        }
      }
      return matrix(out, width)
    },
  }
}
