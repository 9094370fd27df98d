import { fail, oneOf } from './check.ts'
import type { FrameGrid } from './frames.ts'
import { padFrame } from './frames.ts'
import { spectrumPlan, type SpectrumKernel, type SpectrumOptions } from './spectrum.ts'
import { chromaKernel, type ChromaOptions } from '../chroma.ts'
import { toDecibels } from '../decibels.ts'
import type { MelFilterBankOptions } from '../melFilterBank.ts'
import { melKernel } from '../melSpectrogram.ts'
import { mfccKernel, type MfccOptions } from '../mfcc.ts'
import { rootMeanSquare } from '../rms.ts'
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
  | ({ name: 'yin' } & Pick<YinOptions, 'fMin' | 'fMax' | 'winLength' | 'troughThreshold'>)

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

type Part = SpectrumKernel | { readonly width: 1; readonly input: 'samples'; readonly edge?: boolean; value(data: Float32Array, offset: number): number }

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

function part(request: FeatureRequest, options: FeatureOptions, bins: number): Part {
  // Of every feature the shared options win.
  const { sampleRate, nFft = 2048, hopLength, winLength, window, center, padMode } = options
  const own = { ...request, sampleRate, nFft, hopLength, winLength, window, center, padMode }
  switch (request.name) {
    case 'mfcc':
      streamable('topDb', request.topDb, null)
      return mfccKernel({ ...own, topDb: null })
    case 'melSpectrogram':
      return melKernel(own)
    case 'logMelSpectrogram': {
      const mel = melKernel(own)
      const { amin = 1e-10 } = request
      const row = new Float32Array(mel.width)
      return {
        ...mel,
        run(spectrum, out, at) {
          mel.run(spectrum, row, 0)
          toDecibels(row, 1, amin, null)
          out.set(row, at)
        },
      }
    }
    case 'magnitudeSpectrogram':
      return { width: bins, input: 'magnitude', run: (spectrum, out, at) => out.set(spectrum, at) }
    case 'rms':
      return { width: 1, input: 'samples', value: (data, offset) => rootMeanSquare(data, offset, nFft) }
    case 'zeroCrossingRate':
      return { width: 1, input: 'samples', edge: true, value: (data, offset) => crossingRate(data, offset, nFft) }
    case 'spectralCentroid':
      return centroidKernel(own)
    case 'spectralBandwidth':
      return bandwidthKernel(own)
    case 'spectralRolloff':
      return rolloffKernel(own)
    case 'spectralFlatness':
      return flatnessKernel(own)
    case 'spectralContrast':
      streamable('topDb', request.topDb, null)
      return contrastKernel(own)
    case 'chroma':
      if (request.tuning === null) streamable('tuning', null, 0)
      return chromaKernel(own)
    case 'yin': {
      const { fMin, fMax, winLength: span, troughThreshold } = request
      const kernel = yinKernel({ sampleRate, fMin, fMax, winLength: span, troughThreshold, frameLength: nFft, hopLength: hopLength ?? 512 })
      return { width: 1, input: 'samples', value: kernel.run }
    }
    default:
      return oneOf('feature', (request as { name: never }).name, [])
  }
}

/** Refuses an option that only the whole signal could answer. */
function streamable(name: string, value: unknown, allowed: unknown): void {
  if (value !== undefined && value !== allowed) {
    fail('NOT_STREAMABLE', `${name} is ${JSON.stringify(value)}, which depends on the whole signal; give ${JSON.stringify(allowed)} or leave it out`, { [name]: value })
  }
}

/** Checks the options and prepares all features. */
export function createExtractor(options: FeatureOptions): Extractor {
  const plan = spectrumPlan(options)
  const { grid } = plan
  if (!Array.isArray(options.features) || options.features.length === 0) {
    fail('UNKNOWN_OPTION', 'features is empty; give at least one, for example "mfcc"', { features: options.features })
  }
  const columns: FeatureColumns[] = []
  const parts: (Part & { start: number })[] = []
  let width = 0
  for (const feature of options.features) {
    const request = (typeof feature === 'string' ? { name: feature } : feature) as FeatureRequest
    const made = part(request, options, plan.bins)
    columns.push({ name: request.name, start: width, width: made.width })
    parts.push({ ...made, start: width })
    width += made.width
  }
  const needsPower = parts.some((p) => p.input === 'power')
  const needsMagnitude = parts.some((p) => p.input === 'magnitude')
  const padded = new Float32Array(grid.frameLength)
  const zeroed = new Float32Array(grid.frameLength)
  const edged = new Float32Array(grid.frameLength)
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
      let power: Float64Array | undefined
      let magnitude: Float32Array | undefined
      if (needsPower || needsMagnitude) {
        plan.transform(inside ? samples : padded, offset)
        if (needsPower) power = plan.power()
        if (needsMagnitude) magnitude = plan.magnitude()
      }
      for (let i = 0; i < parts.length; i++) {
        const p = parts[i]
        if (p.input === 'samples') out[at + p.start] = p.value(inside ? samples : p.edge ? edged : zeroed, offset)
        else p.run(p.input === 'power' ? power! : magnitude!, out, at + p.start)
      }
    },
  }
}
