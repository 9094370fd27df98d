import { EMOTIONS } from '@emo/datasets'
import { EmoError, EmoRangeError } from '@emo/errors'
import { checkOptions } from '@emo/runtime'
import { checkSampleRate, checkSamples, shortestSeconds } from './audioInput.ts'
import { noSpeech, toPrediction, type SpeechInput, type SpeechPrediction } from './prediction.ts'

/** How a stream is cut and smoothed. */
export interface SpeechStreamOptions {
  /** Rate of the chunks, Hz. */
  readonly sampleRate: number
  /** Length of the window that each answer looks at. Default 0.8 s. */
  readonly windowSeconds?: number
  /** Time from one answer to the next. Default a quarter of the window. */
  readonly hopSeconds?: number
  /** Time constant of the exponential average over the answers; 0 turns it off. Default 1 s. */
  readonly smoothingSeconds?: number
}

/** The answer for one window of a stream. */
export interface SpeechStreamPrediction extends SpeechPrediction {
  /** Start of the window, seconds since the stream's first sample. */
  readonly start: number
  /** End of the window. */
  readonly end: number
  /** This window's own answer, before smoothing. */
  readonly window: SpeechPrediction
  /** The code with which `predict` refuses this window, which then counts as one without speech: two channels, interleaved. */
  readonly refused?: 'AUDIO_NOT_MONO'
}

/** What a stream needs of a model. */
export interface WindowPredictor {
  readonly uncertainBelow: number
  predict(input: SpeechInput): SpeechPrediction
}

/**
 * Chunks of audio in, answers out: one for every hop, about the window that ends there.
 *
 * Windows without voice answer `emotion: null`, are left out of the average, and a pause longer than the window ends it: what is
 * said next does not inherit what was said before. Memory is that of one window.
 */
export class SpeechStream {
  private readonly predictor: WindowPredictor
  private readonly sampleRate: number
  private readonly window: Float32Array
  private readonly hop: number
  /** Share of the old average that one hop keeps. */
  private readonly keep: number
  /** Samples pushed so far. */
  private received = 0
  /** Where in the stream the next answer is due, samples. */
  private due: number
  private average: Float64Array | undefined
  private silentHops = 0
  private closed = false

  constructor(predictor: WindowPredictor, options: SpeechStreamOptions) {
    checkOptions(options, '{ sampleRate: 48000 }')
    const { windowSeconds = 0.8, smoothingSeconds = 1 } = options
    const hopSeconds = options.hopSeconds ?? windowSeconds / 4
    this.sampleRate = checkSampleRate(options.sampleRate)
    checkSeconds('windowSeconds', windowSeconds, shortestSeconds, 30)
    checkSeconds('hopSeconds', hopSeconds, 0.01, 30)
    checkSeconds('smoothingSeconds', smoothingSeconds, 0, 60)
    this.predictor = predictor
    // Rounded down, the shortest window would be too short to be judged.
    const shortest = Math.ceil(shortestSeconds * this.sampleRate)
    this.window = new Float32Array(Math.max(shortest, Math.round(windowSeconds * this.sampleRate)))
    this.hop = Math.round(hopSeconds * this.sampleRate)
    this.keep = smoothingSeconds === 0 ? 0 : Math.exp(-hopSeconds / smoothingSeconds)
    this.due = this.window.length
  }

  /**
   * Takes the next chunk of any length and returns the answers that became due, oldest first.
   *
   * A chunk that is refused is as if it had not been given: the stream goes on with the next one.
   *
   * @param chunk - mono samples at the stream's rate
   * @throws EmoError `STREAM_CLOSED`, `MODEL_DISPOSED`, `AUDIO_INVALID`, `AUDIO_NOT_FINITE`; `AUDIO_NOT_MONO` for a list of channels; EmoRangeError
   * `AUDIO_OUT_OF_RANGE`
   */
  push(chunk: Float32Array): SpeechStreamPrediction[] {
    if (this.closed) throw new EmoError('STREAM_CLOSED', 'this stream is closed; create a new one')
    checkSamples(chunk)
    const answers: SpeechStreamPrediction[] = []
    let at = 0
    while (at < chunk.length) {
      const count = Math.min(chunk.length - at, this.due - this.received)
      this.append(chunk.subarray(at, at + count))
      at += count
      if (this.received < this.due) break
      // First, so that a window that cannot be judged is not due for ever.
      this.due += this.hop
      answers.push(this.answer())
    }
    return answers
  }

  /** Forgets everything heard so far; the next chunk starts a new stream at time 0. */
  reset(): void {
    this.received = 0
    this.due = this.window.length
    this.average = undefined
    this.silentHops = 0
  }

  /** Ends the stream. Closing twice is fine. */
  close(): void {
    this.closed = true
    this.reset()
  }

  /** The window holds the newest samples, oldest first. */
  private append(part: Float32Array): void {
    const { window } = this
    this.received += part.length
    if (part.length >= window.length) {
      window.set(part.subarray(part.length - window.length))
      return
    }
    window.copyWithin(0, part.length)
    window.set(part, window.length - part.length)
  }

  private answer(): SpeechStreamPrediction {
    const { window, ...refusal } = this.judge()
    const times = { start: (this.received - this.window.length) / this.sampleRate, end: this.received / this.sampleRate }
    if (!window.speech) {
      if (++this.silentHops * this.hop >= this.window.length) this.average = undefined
      return { ...noSpeech(window.voicedSeconds), ...times, window, ...refusal }
    }
    this.silentHops = 0
    const now = Float64Array.from(EMOTIONS, (emotion) => window.scores[emotion])
    const { average, keep } = this
    this.average = average ? now.map((value, i) => keep * average[i] + (1 - keep) * value) : now
    return { ...toPrediction(this.average, window.voicedSeconds, this.predictor.uncertainBelow), ...times, window }
  }

  /** What the model says of the window. A beep on the line may look like two channels: no reason to stop a live stream. */
  private judge(): Pick<SpeechStreamPrediction, 'window' | 'refused'> {
    try {
      return { window: this.predictor.predict({ samples: this.window, sampleRate: this.sampleRate }) }
    } catch (error) {
      if (error instanceof EmoError && error.code === 'AUDIO_NOT_MONO') return { window: noSpeech(0), refused: error.code }
      throw error
    }
  }
}

function checkSeconds(name: string, value: unknown, low: number, high: number): void {
  if (typeof value === 'number' && value >= low && value <= high) return
  throw new EmoRangeError('SECONDS_INVALID', `${name} is ${String(value)}; give a number of seconds from ${low} to ${high}`, {
    details: { [name]: value },
  })
}
