import { EmoError } from '@emo/errors'
import {
  featureProcessorName,
  type FeatureProcessorMessage,
  type FeatureProcessorOptions,
  type FeatureProcessorRequest,
} from './featureProcessor.ts'
import { FeatureStream } from './featureStream.ts'
import { ResampleStream } from './resampleStream.ts'

// What an AudioWorkletGlobalScope has; TypeScript ships no types for it.
declare class AudioWorkletProcessor {
  readonly port: {
    onmessage: ((event: { data: FeatureProcessorRequest }) => void) | null
    postMessage(message: FeatureProcessorMessage, transfer?: ArrayBufferLike[]): void
  }
}
declare function registerProcessor(
  name: string,
  processor: new (options: { processorOptions: FeatureProcessorOptions }) => AudioWorkletProcessor,
): void
declare const sampleRate: number

/**
 * Runs a {@link FeatureStream} on the audio thread: mixes the input to mono, resamples it from the context's rate to the rate of the
 * features, and posts frames as they are complete.
 */
class FeatureProcessor extends AudioWorkletProcessor {
  #features?: FeatureStream
  #resample?: ResampleStream
  #mono = new Float32Array(128)
  #running = true

  constructor({ processorOptions }: { processorOptions: FeatureProcessorOptions }) {
    super()
    this.#try(() => {
      const { features } = processorOptions
      this.#features = new FeatureStream(features)
      if (features.sampleRate !== sampleRate) this.#resample = new ResampleStream({ from: sampleRate, to: features.sampleRate })
      this.port.postMessage({ type: 'ready', columns: this.#features.columns, width: this.#features.width, contextSampleRate: sampleRate })
    })
    this.port.onmessage = ({ data }) => {
      if (data.type === 'stop') this.#running = false
      this.#try(() => this.#flush())
    }
  }

  process(inputs: Float32Array[][]): boolean {
    const channels = inputs[0]
    // Nothing is connected: no time passes for the features.
    if (this.#running && channels.length > 0) this.#try(() => this.#take(channels))
    return this.#running
  }

  #take(channels: Float32Array[]): void {
    const { length } = channels[0]
    if (this.#mono.length !== length) this.#mono = new Float32Array(length)
    for (let i = 0; i < length; i++) {
      let sum = 0
      for (const channel of channels) sum += channel[i]
      this.#mono[i] = sum / channels.length
    }
    const chunk = this.#resample ? this.#resample.push(this.#mono) : this.#mono
    this.#post(this.#features?.push(chunk), false)
  }

  #flush(): void {
    const rest = this.#resample?.flush()
    if (rest) this.#post(this.#features?.push(rest), false)
    this.#post(this.#features?.flush(), true)
  }

  #post(frames: ReturnType<FeatureStream['push']> | undefined, last: boolean): void {
    if (!frames && !last) return
    const data = frames?.data ?? new Float32Array(0)
    this.port.postMessage({ type: 'frames', data, frames: frames?.shape[0] ?? 0, width: this.#features!.width, last }, [data.buffer])
  }

  /** An error on the audio thread would only end the processor in silence: tell the page. */
  #try(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#running = false
      const code = error instanceof EmoError ? error.code : 'UNEXPECTED'
      this.port.postMessage({ type: 'error', code, message: error instanceof Error ? error.message : String(error) })
    }
  }
}

registerProcessor(featureProcessorName, FeatureProcessor)
