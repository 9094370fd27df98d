import { number, sampleRateOf, type Signal } from './internal/check.ts'
import { speechFrame } from './internal/speechFrame.ts'
import { FeatureStream } from './featureStream.ts'

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
  readonly #isSpeech: (rms: number, flatness: number, crossings: number) => boolean
  readonly #hop: number
  readonly #frame: number
  /** Frames in a row before a stretch begins, and samples before it ends. */
  readonly #onset: number
  readonly #hangover: number
  #floor: number | undefined
  #index = 0
  #votes = 0
  #lastVote = 0
  #active = false

  /**
   * @param options - `sampleRate` in Hz is required
   * @throws EmoRangeError `SAMPLE_RATE`, `OUT_OF_RANGE`
   */
  constructor(options: VoiceActivityOptions) {
    const sampleRate = sampleRateOf(options)
    // Quietest level in dB of full scale; digital silence has it.
    const silence = -120
    const frame = speechFrame(sampleRate)
    this.#hop = frame.hopLength
    this.#frame = frame.nFft
    const frameRate = sampleRate / this.#hop
    const thresholdDb = number(options, 'thresholdDb', 9, 0, 120)
    const minLevelDb = number(options, 'minLevelDb', -55, silence, 0)
    const maxFlatness = number(options, 'maxFlatness', 0.35, 0, 1)
    const maxCrossingRate = number(options, 'maxCrossingRate', 0.2, 0, 1)
    this.#onset = Math.max(1, number(options, 'onsetSeconds', 0.03, 0, 10) * frameRate)
    this.#hangover = number(options, 'hangoverSeconds', 0.25, 0, 60) * sampleRate
    this.#isSpeech = (rms, flatness, crossings) => {
      const level = Math.max(silence, 20 * Math.log10(rms))
      // The noise floor is not taken to be above -50 dB at first, so that a signal may begin with speech.
      const above = level - (this.#floor ??= Math.min(level, -50))
      const speech = level > minLevelDb && above > thresholdDb && (flatness < maxFlatness || crossings < maxCrossingRate)
      // Time constants in seconds, turned into shares a frame.
      this.#floor += speech ? 2 / frameRate : above * (1 - Math.exp(-1 / (frameRate * (above < 0 ? 0.03 : 0.3))))
      return speech
    }
    this.#features = new FeatureStream({
      sampleRate,
      ...frame,
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
    const { data = [] } = this.#features.push(chunk) ?? {}
    const events: VoiceActivityEvent[] = []
    for (let i = 0; i < data.length; i += 3) {
      const start = this.#index++ * this.#hop
      const speech = this.#isSpeech(data[i], data[i + 1], data[i + 2])
      this.#votes = speech ? this.#votes + 1 : 0
      if (speech) this.#lastVote = start + this.#frame
      if (this.#active ? start - this.#lastVote < this.#hangover : this.#votes < this.#onset) continue
      events.push(this.#active ? { type: 'end', sample: this.#lastVote } : { type: 'start', sample: start - (this.#votes - 1) * this.#hop })
      this.#active = !this.#active
    }
    return events
  }

  /**
   * Ends the signal and makes the stream ready for another.
   *
   * @returns the end of a stretch that is still going on
   */
  flush(): VoiceActivityEvent[] {
    this.#features.flush()
    const events: VoiceActivityEvent[] = this.#active ? [{ type: 'end', sample: this.#lastVote }] : []
    this.#index = this.#votes = this.#lastVote = 0
    this.#floor = undefined
    this.#active = false
    return events
  }
}
