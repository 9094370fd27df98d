import { resample } from '@emo/dsp'
import { EMOTIONS } from '@emo/datasets'
import { EmoError } from '@emo/errors'
import {
  checkOptions,
  describeValue,
  loadModel,
  serializeModel,
  softmax,
  tf,
  type ModelSource,
  type ReadOptions,
  type SerializedModel,
} from '@emo/runtime'
import { checkInput } from './audioInput.ts'
import { logitsModel } from './definitions/logitsModel.ts'
import { featureColumns } from './features/speechFeatureParameters.ts'
import { padFeatures } from './features/padFeatures.ts'
import { speechFeatureViews, type SpeechFeatures } from './features/speechFeatures.ts'
import { plainView } from './features/speechViews.ts'
import { registerSpeechLayers } from './layers/registerSpeechLayers.ts'
import type { SpeechModelCard } from './modelCard.ts'
import { checkMetadata, checkNetwork, type SpeechModelMetadata } from './modelMetadata.ts'
import { noSpeech, toPrediction, type SpeechInput, type SpeechPrediction } from './prediction.ts'
import { SpeechStream, type SpeechStreamOptions } from './speechStream.ts'
import { measureVoice } from './voiceActivity.ts'
import { bundledWeights, type WeightsName } from './weightFiles.ts'

/** What {@link SpeechEmotionModel.load} takes. */
export interface SpeechModelLoadOptions extends ReadOptions {
  /**
   * `'default'`, the model to use; `'paper'`, the published LSTM, for comparison; or the two files of a model of your own, e.g.
   * what {@link SpeechEmotionModel.save} returned.
   */
  readonly weights?: WeightsName | ModelSource
}

/** What {@link SpeechEmotionModel.predict} takes beside the recording. */
export interface PredictOptions {
  /** Called after each window, in the same call, with the share of the recordings judged so far, up to 1. */
  readonly onProgress?: (done: number) => void
}

/** Recordings up to this long are judged whole, seconds. */
const wholeSeconds = 6
/** Longer ones in windows of this length. */
const windowSeconds = 4
const windowHopSeconds = 2
/** Voiced sound that makes a window worth judging, seconds. */
const leastVoicedSeconds = 0.08
/** ... and the least share of the window: steady noise is voiced by chance now and then. */
const leastVoicedShare = 0.05
/** Inputs that go through the network together. */
const batchSize = 16

/** A stretch of some recording, ready for the network. */
interface Window {
  readonly recording: number
  readonly voicedSeconds: number
  /** One input a view. */
  readonly features: readonly SpeechFeatures[]
}

/**
 * Recognises the emotion in a voice, on this device.
 *
 * ```ts
 * const model = await SpeechEmotionModel.load()
 * const { emotion, confidence } = model.predict({ samples, sampleRate: 48000 })
 * ```
 */
export class SpeechEmotionModel {
  /** The network itself: features in, probabilities out (uncalibrated). */
  readonly network: tf.LayersModel
  /** Features, statistics, calibration. */
  readonly metadata: SpeechModelMetadata
  private readonly logits: tf.LayersModel
  private disposed = false

  /**
   * Wraps a network and its metadata; {@link SpeechEmotionModel.load} is the usual way in. The model owns the network from here on.
   *
   * @throws EmoError `MODEL_INVALID`
   */
  constructor(network: tf.LayersModel, metadata: SpeechModelMetadata) {
    this.network = network
    this.metadata = checkMetadata(metadata)
    checkNetwork(network, metadata)
    this.logits = logitsModel(network)
  }

  /**
   * Loads weights and starts the backend. In Node the files are read from the package, in browsers fetched from where the bundler put
   * them; nothing else is fetched.
   *
   * @throws EmoError `WEIGHTS_UNREADABLE`, `WEIGHTS_DAMAGED`, `MODEL_INVALID`, `WEIGHTS_UNKNOWN`, `MODEL_SOURCE_INVALID`, `OPTIONS_NOT_OBJECT`,
   * `SIMD_UNSUPPORTED`
   */
  static async load(options: SpeechModelLoadOptions = {}): Promise<SpeechEmotionModel> {
    checkOptions(options, "{ weights: 'paper' }")
    const { weights = 'default', ...read } = options
    if (typeof weights === 'string' && !['default', 'paper'].includes(weights)) {
      throw new EmoError(
        'WEIGHTS_UNKNOWN',
        `there are no weights "${String(weights)}"; give 'default', 'paper' or the files of a model, { modelJson, weights }, as URLs`,
        {
          details: { weights },
        },
      )
    }
    registerSpeechLayers()
    const { model, metadata } = await loadModel(typeof weights === 'string' ? bundledWeights(weights) : weights, read)
    try {
      return new SpeechEmotionModel(model, metadata.speech as SpeechModelMetadata)
    } catch (error) {
      // Nobody else could.
      model.dispose()
      throw error
    }
  }

  /** Where these weights come from, what they reach, and what they must not be used for. */
  get card(): SpeechModelCard {
    return this.metadata.card
  }

  /** Answers less confident than this are flagged `uncertain`. */
  get uncertainBelow(): number {
    return this.metadata.uncertainBelow
  }

  /**
   * The emotion in one recording, from 0.2 s to hours: up to 6 s are judged whole, longer ones in overlapping windows whose calibrated
   * probabilities are averaged, weighted by the voice in each. Where nobody speaks the answer is `emotion: null`.
   *
   * @param options - `onProgress`, as an hour of sound takes half a minute
   * @throws EmoError `AUDIO_INVALID`, `AUDIO_NOT_FINITE`, `AUDIO_NOT_MONO`, `MODEL_DISPOSED`; EmoRangeError `AUDIO_TOO_SHORT`, `AUDIO_OUT_OF_RANGE`,
   * `SAMPLE_RATE_INVALID`
   */
  predict(input: SpeechInput, options: PredictOptions = {}): SpeechPrediction {
    return this.predictBatch([input], options)[0]
  }

  /**
   * The same as {@link SpeechEmotionModel.predict} for each of several recordings, several at a time through the network.
   *
   * @throws EmoError as {@link SpeechEmotionModel.predict}; nothing is answered when one input is bad
   */
  predictBatch(inputs: readonly SpeechInput[], options: PredictOptions = {}): SpeechPrediction[] {
    this.checkAlive()
    checkOptions(options, '{ onProgress }')
    // The declared type is not what every caller gives.
    if (!Array.isArray(inputs)) {
      throw new EmoError('AUDIO_INVALID', `inputs is ${describeValue(inputs)}; give a list of recordings, or one to predict`)
    }
    const checked = inputs.map(checkInput)
    const sums = checked.map(() => ({ scores: new Float64Array(EMOTIONS.length), weight: 0, voiced: 0 }))
    let pending: Window[] = []
    const flush = () => {
      if (pending.length === 0) return
      const logits = this.run(pending.map((window) => window.features))
      pending.forEach(({ recording, voicedSeconds }, i) => {
        const probabilities = softmax(logits.subarray(i * EMOTIONS.length, (i + 1) * EMOTIONS.length), this.metadata.temperature)
        const sum = sums[recording]
        for (let k = 0; k < EMOTIONS.length; k++) sum.scores[k] += voicedSeconds * probabilities[k]
        sum.weight += voicedSeconds
      })
      pending = []
    }
    checked.forEach((input, recording) => {
      for (const { voicedSeconds, features, done } of this.windows(input)) {
        sums[recording].voiced += voicedSeconds
        if (features !== null) {
          pending.push({ recording, voicedSeconds, features })
          if (pending.length * features.length >= batchSize) flush()
        }
        options.onProgress?.((recording + done) / checked.length)
      }
    })
    flush()
    return sums.map(({ scores, weight, voiced }) =>
      weight === 0
        ? noSpeech(voiced)
        : toPrediction(
            scores.map((value) => value / weight),
            voiced,
            this.metadata.uncertainBelow,
          ),
    )
  }

  /**
   * A stream of chunks, from a microphone for instance: an answer for each window of 0.8 s.
   *
   * @throws EmoError `OPTIONS_NOT_OBJECT`, `MODEL_DISPOSED`; EmoRangeError `SAMPLE_RATE_INVALID`, `SECONDS_INVALID`
   */
  createStream(options: SpeechStreamOptions): SpeechStream {
    this.checkAlive()
    return new SpeechStream(this, options)
  }

  /**
   * What the network sees of a recording, as {@link SpeechEmotionModel.predict} makes it: for each stretch with a voice in it (one, up to 6 s) an
   * input for each of the model's views, whose logits are averaged. Empty where nobody speaks.
   *
   * @throws EmoError as {@link SpeechEmotionModel.predict}
   */
  extractFeatures(input: SpeechInput): SpeechFeatures[] {
    this.checkAlive()
    return [...this.windows(checkInput(input))].flatMap(({ features }) => features ?? [])
  }

  /**
   * The model as two files in memory, checksum included: store them where you like, and give them to {@link SpeechEmotionModel.load} as
   * `weights`. Full precision, so that the loaded model answers exactly as this one.
   *
   * @throws EmoError `MODEL_DISPOSED`
   */
  async save(): Promise<SerializedModel> {
    this.checkAlive()
    return serializeModel(this.network, { metadata: { speech: this.metadata }, dtype: 'float32' })
  }

  /** Frees the weights' memory; every later call throws `MODEL_DISPOSED`. Disposing twice is fine. */
  dispose(): void {
    if (this.disposed) return
    this.disposed = true
    this.network.dispose()
  }

  /** Model input of each stretch of a recording that holds a voice, and `null` for the others; `done`: the share of the recording up to its end. */
  private *windows({ samples, sampleRate }: SpeechInput): Generator<{
    voicedSeconds: number
    features: SpeechFeatures[] | null
    done: number
  }> {
    const whole = samples.length <= wholeSeconds * sampleRate
    const length = whole ? samples.length : Math.round(windowSeconds * sampleRate)
    const hop = whole ? samples.length : Math.round(windowHopSeconds * sampleRate)
    const { features: parameters, statistics, views = [plainView] } = this.metadata
    for (let start = 0; ; start += hop) {
      // The last window ends where the recording ends.
      const from = Math.min(start, samples.length - length)
      const window = samples.subarray(from, from + length)
      const signal = sampleRate === parameters.sampleRate ? window : resample(window, { from: sampleRate, to: parameters.sampleRate })
      const { voicedSeconds } = measureVoice(signal, parameters.sampleRate)
      const least = Math.max(leastVoicedSeconds, (leastVoicedShare * signal.length) / parameters.sampleRate)
      const features = voicedSeconds < least ? null : speechFeatureViews(signal, parameters, views, statistics)
      yield { voicedSeconds, features, done: (from + length) / samples.length }
      if (start + length >= samples.length) return
    }
  }

  /** Mean logits over the views of several windows, `[windows, emotions]`. */
  private run(windows: readonly (readonly SpeechFeatures[])[]): Float32Array {
    const views = windows[0].length
    const logits = this.runInputs(windows.flat())
    const means = new Float32Array(windows.length * EMOTIONS.length)
    logits.forEach((value, i) => {
      const row = Math.floor(i / EMOTIONS.length / views)
      means[row * EMOTIONS.length + (i % EMOTIONS.length)] += value / views
    })
    return means
  }

  /** Logits of several inputs, `[inputs, emotions]`; shorter ones are padded, which the network skips. */
  private runInputs(clips: readonly SpeechFeatures[]): Float32Array {
    const columns = featureColumns(this.metadata.features)
    const { frames, values } = padFeatures(clips, columns)
    return tf.tidy(() => {
      const output = this.logits.apply(tf.tensor3d(values, [clips.length, frames, columns])) as tf.Tensor
      return output.dataSync<'float32'>()
    })
  }

  private checkAlive(): void {
    if (this.disposed) throw new EmoError('MODEL_DISPOSED', 'this model was disposed of; load it again')
  }
}
