import { fail, oneOf } from './check.ts'
import type { FrameGrid } from './frames.ts'
import { padFrame } from './frames.ts'
import { spectrumPlan, type SpectrumKernel, type SpectrumOptions } from './spectrum.ts'
import { chromaKernel, type ChromaOptions } from '../chroma.ts'
import { decibelRange, toDecibels } from '../decibels.ts'
import type { MelFilterBankOptions } from '../melFilterBank.ts'
import { melKernel } from '../melSpectrogram.ts'
import { mfccKernel, type MfccOptions } from '../mfcc.ts'
import { rootMeanSquare } from '../rms.ts'
import { magnitudeKernel } from '../magnitudeSpectrogram.ts'
import { bandwidthKernel } from '../spectralBandwidth.ts'
import { centroidKernel } from '../spectralCentroid.ts'
import { contrastKernel, type SpectralContrastOptions } from '../spectralContrast.ts'
import { flatnessKernel } from '../spectralFlatness.ts'
import { rolloffKernel } from '../spectralRolloff.ts'
import { yinKernel, type YinOptions } from '../yin.ts'
import { crossingRate } from '../zeroCrossingRate.ts'

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

type Part = SpectrumKernel | { readonly width: 1; readonly edge: boolean; value(data: Float32Array, offset: number): number }

/** Every feature of one frame, side by side. */
export interface Extractor {
  readonly grid: FrameGrid
  readonly width: number
  readonly columns: readonly FeatureColumns[]
  /**
   * Writes the features of the frame that starts at sample `start`. `samples[0]` is the sample of index `base`; the signal
   * (so far) ends at `total`.
   */
  run(samples: Float32Array, base: number, total: number, start: number, out: Float32Array, at: number): void
}

/** Features of the samples themselves, padded as their own functions do. */
const ofSamples = (value: (data: Float32Array, offset: number) => number, edge = false): Part => ({ width: 1, value, edge })

/** The request and the shared options, which win. */
type Merged = FeatureOptions & { nFft: number } & Required<YinOptions> & MfccOptions

/** A factory for every feature. */
const factories: Record<FeatureName, (o: Merged) => Part> = {
  mfcc: (o) => mfccKernel({ ...o, topDb: wholeSignal('topDb', o.topDb, null) }),
  melSpectrogram: melKernel,
  logMelSpectrogram(o) {
    const { run, ...mel } = melKernel(o)
    const { amin } = decibelRange(o, 1e-10)
    const row = new Float32Array(mel.width)
    return {
      ...mel,
      run(spectrum, out, at) {
        run(spectrum, row, 0)
        toDecibels(row, 1, amin, null)
        out.set(row, at)
      },
    }
  },
  magnitudeSpectrogram: (o) => magnitudeKernel((o.nFft >> 1) + 1),
  rms: ({ nFft }) => ofSamples((data, offset) => rootMeanSquare(data, offset, nFft)),
  zeroCrossingRate: ({ nFft }) => ofSamples((data, offset) => crossingRate(data, offset, nFft), true),
  spectralCentroid: centroidKernel,
  spectralBandwidth: bandwidthKernel,
  spectralRolloff: rolloffKernel,
  spectralFlatness: flatnessKernel,
  spectralContrast(o) {
    wholeSignal('topDb', o.topDb, null)
    return contrastKernel(o)
  },
  chroma: (o) => chromaKernel({ ...o, tuning: wholeSignal('tuning', (o as ChromaOptions).tuning, 0, null) }),
  yin: (o) => ofSamples(yinKernel({ ...o, frameLength: o.nFft, winLength: o.nFft >> 1 }).run),
}

/** Refuses an option that only the whole signal could answer. */
function wholeSignal<T>(name: string, value: T | undefined, allowed: T, refused: unknown = value): T {
  if (value !== undefined && value !== allowed && value === refused) fail('NOT_STREAMABLE', name, value, `it would depend on the whole signal: give ${String(allowed)}`)
  return value ?? allowed
}

/** Checks the options and prepares all features. */
export function createExtractor(options: FeatureOptions): Extractor {
  const plan = spectrumPlan(options)
  const { grid } = plan
  if (!Array.isArray(options.features) || options.features.length === 0) {
    fail('UNKNOWN_OPTION', 'features', options.features, 'give at least one')
  }
  const columns: FeatureColumns[] = []
  const parts: (Part & { start: number })[] = []
  let width = 0
  for (const feature of options.features) {
    const request = (typeof feature === 'string' ? { name: feature } : feature) as FeatureRequest
    oneOf('feature', request.name, ...(Object.keys(factories) as FeatureName[]))
    const made = factories[request.name]({ ...request, ...options, nFft: grid.frameLength } as unknown as Merged)
    columns.push({ name: request.name, start: width, width: made.width })
    parts.push({ ...made, start: width })
    width += made.width
  }
  const needsSpectrum = parts.some((p) => 'run' in p)
  const frame = () => new Float32Array(grid.frameLength)
  const padded = frame()
  const zeroed = frame()
  const edged = frame()
  return {
    grid,
    width,
    columns,
    run(samples, base, total, start, out, at) {
      const inside = start >= 0 && start + grid.frameLength <= total
      const offset = inside ? start - base : 0
      if (!inside) {
        padFrame(samples, base, total, start, grid.padMode, padded)
        padFrame(samples, base, total, start, 'constant', zeroed)
        padFrame(samples, base, total, start, 'edge', edged)
      }
      const spectrum = needsSpectrum ? plan.power(inside ? samples : padded, offset) : zeroed
      for (const p of parts) {
        if ('run' in p) p.run(spectrum, out, at + p.start)
        else out[at + p.start] = p.value(inside ? samples : p.edge ? edged : zeroed, offset)
      }
    },
  }
}
