import type { FeatureColumns, FeatureOptions } from './internal/extractor.ts'

/** Name under which `@emo/dsp/worklet` registers its processor. */
export const featureProcessorName = 'emo-features'

/** `processorOptions` of an `AudioWorkletNode` of that name. */
export interface FeatureProcessorOptions {
  /** What to compute. Where `sampleRate` is not the audio context's, the input is resampled to it. */
  features: FeatureOptions
}

/** What the page may send to the node's port: `flush` ends a signal and begins another, `stop` ends the processor too. */
export interface FeatureProcessorRequest {
  type: 'flush' | 'stop'
}

/** What the node's port sends to the page. */
export type FeatureProcessorMessage =
  | {
      /** First message: the processor runs. */
      type: 'ready'
      columns: readonly FeatureColumns[]
      width: number
      contextSampleRate: number
    }
  | {
      /** Frames that are complete, row-major `[frames, width]`; `last` after a `flush` or `stop`. */
      type: 'frames'
      data: Float32Array
      frames: number
      width: number
      last: boolean
    }
  | {
      /** The processor has stopped. */
      type: 'error'
      code: string
      message: string
    }
