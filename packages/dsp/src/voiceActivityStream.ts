import { numbersOf, sampleRateOf, type Signal } from './internal/check.ts'
import { FeatureStream } from './featureStream.ts'
import type { Matrix } from './internal/matrix.ts'

/** Options of {@link voiceActivity} and {@link VoiceActivityStream}. */
export interface VoiceActivityOptions {
  /** Sample rate of the signal in Hz. */
  sampleRate: number
  /** How far speech must be above the noise floor, in dB (default 9). */
  thresholdDb?: number
  /** Level below which nothing is speech, in dB of full scale (default -55). */
  minLevelDb?: number
  /** Spectral flatness below which a frame counts as tonal (default 0.35; white noise has about 0.56). */
  maxFlatness?: number
  /** Zero-crossing rate below which a frame counts as voiced (default 0.2; white noise has about 0.5). */
  maxCrossingRate?: number
  /** Seconds of speech in a row before a stretch begins (default 0.03). */
  onsetSeconds?: number
  /** Seconds without speech before a stretch ends (default 0.25). */
  hangoverSeconds?: number
}

/** Speech begins or ends at a sample; a beginning is told `onsetSeconds` late, an end `hangoverSeconds` late. */
export interface VoiceActivityEvent {
  readonly type: 'start' | 'end'
  /** Index from the first sample of the stream. */
  readonly sample: number
}

/** Quietest level in dB of full scale; digital silence has it. */
const silence = -120
const limits = {
  thresholdDb: [9, 0, 120],
  minLevelDb: [-55, silence, 0],
  maxFlatness: [0.35, 0, 1],
  maxCrossingRate: [0.2, 0, 1],
  onsetSeconds: [0.03, 0, 10],
  hangoverSeconds: [0.25, 0, 60],
} as const
/** The noise floor is not taken to be above this at first, so that a signal may begin with speech. */
const firstFloor = -50

/**
 * Voice activity of a signal that comes in chunks.
 *
 * A frame (32 ms or so, every 10 ms) is speech if its RMS level is `thresholdDb` above the noise floor and above `minLevelDb`, and it is either tonal (low
 * spectral flatness) or voiced (low zero-crossing rate). The floor follows frames that are not speech, quickly down
 * and slowly up, and creeps up by 2 dB a second under speech, so that a new steady noise does not count as speech for ever. After Moattar and
 * Homayounpour 2009, "A simple but efficient real-time voice activity detection algorithm" (EUSIPCO).
 */
export class VoiceActivityStream {
  readonly #features: FeatureStream
  readonly #options: Record<keyof typeof limits, number>
  readonly #sampleRate: number
  readonly #hop: number
  readonly #frame: number
  #index = 0
  #floor = NaN
  #votes = 0
  #lastVote = 0
  #received = 0
  #active = false

  /**
   * @param options - `sampleRate` in Hz is required
   * @throws EmoRangeError `SAMPLE_RATE`, `OUT_OF_RANGE`
   */
  constructor(options: VoiceActivityOptions) {
    const sampleRate = sampleRateOf(options)
    this.#options = numbersOf(options, limits)
    this.#sampleRate = sampleRate
    this.#hop = Math.max(1, Math.round(0.01 * sampleRate))
    this.#frame = Math.max(4, 2 ** Math.ceil(Math.log2(0.025 * sampleRate)))
    this.#features = new FeatureStream({
      sampleRate,
      nFft: this.#frame,
      hopLength: this.#hop,
      center: false,
      features: ['rms', 'spectralFlatness', 'zeroCrossingRate'],
    })
  }

  /** Whether speech is going on. */
  get active(): boolean {
    return this.#active
  }

  /**
   * Takes the next samples.
   *
   * @param chunk - any number of samples
   * @returns what has been found out since, in order
   * @throws EmoRangeError `SIGNAL_NOT_FINITE`, `SIGNAL_NOT_ARRAY`; the stream is then as before
   */
  push(chunk: Signal): VoiceActivityEvent[] {
    const frames = this.#features.push(chunk)
    this.#received += chunk.length
    const events: VoiceActivityEvent[] = []
    if (frames) this.#judge(frames, events)
    return events
  }

  /**
   * Ends the signal and makes the stream ready for another.
   *
   * @returns the end of a stretch that is still going on
   */
  flush(): VoiceActivityEvent[] {
    this.#features.flush()
    const events: VoiceActivityEvent[] = this.#active ? [{ type: 'end', sample: Math.min(this.#received, this.#lastVote) }] : []
    this.#index = this.#votes = this.#lastVote = this.#received = 0
    this.#floor = NaN
    this.#active = false
    return events
  }

  #judge(frames: Matrix, events: VoiceActivityEvent[]): void {
    const { thresholdDb, minLevelDb, maxFlatness, maxCrossingRate, onsetSeconds, hangoverSeconds } = this.#options
    const frameRate = this.#sampleRate / this.#hop
    for (let i = 0; i < frames.data.length; i += 3, this.#index++) {
      const level = Math.max(silence, 20 * Math.log10(frames.data[i]))
      const flatness = frames.data[i + 1]
      const crossings = frames.data[i + 2]
      if (Number.isNaN(this.#floor)) this.#floor = Math.min(level, firstFloor)
      const above = level - this.#floor
      const speech = level > minLevelDb && above > thresholdDb && (flatness < maxFlatness || crossings < maxCrossingRate)
      // Time constants in seconds, turned into shares a frame.
      if (speech) this.#floor += 2 / frameRate
      else this.#floor += above * (1 - Math.exp(-1 / (frameRate * (above < 0 ? 0.03 : 0.3))))
      const start = this.#index * this.#hop
      if (speech) {
        this.#votes++
        this.#lastVote = start + this.#frame
        if (!this.#active && this.#votes >= onsetSeconds * frameRate) {
          this.#active = true
          events.push({ type: 'start', sample: start - (this.#votes - 1) * this.#hop })
        }
      } else {
        this.#votes = 0
        if (this.#active && start - this.#lastVote >= hangoverSeconds * this.#sampleRate) {
          this.#active = false
          events.push({ type: 'end', sample: this.#lastVote })
        }
      }
    }
  }
}
