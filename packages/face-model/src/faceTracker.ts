import { EmoRangeError } from '@emo/errors'
import { checkOptions } from '@emo/runtime'
import { checkModel } from './checkArguments.ts'
import { faceEmotions, type FaceEmotion } from './faceEmotions.ts'
import type { FaceEmotionModel } from './faceEmotionModel.ts'
import { isUncertain, type DetectedEmotion } from './facePrediction.ts'
import { intersectionOverUnion } from './nonMaxSuppression.ts'
import type { ImageInput } from './pixels.ts'
import type { Box } from './resample.ts'

/** Options of {@link FaceTracker}. */
export interface FaceTrackerOptions {
  /** Seconds over which scores are averaged (time constant of an exponential average); 0: not at all. Default 0.5. */
  readonly smoothingSeconds?: number
  /** Two boxes of neighbouring frames are one person when their intersection over union is at least this. Default 0.3. */
  readonly minOverlap?: number
  /** A person who is not seen for longer than this, in seconds, is forgotten. Default 0.5. */
  readonly maxGapSeconds?: number
  /**
   * How often the whole picture is searched for new faces, in seconds; in between, the detector looks near the known ones, which is several times faster.
   * Default 0.5; 0: every frame.
   */
  readonly searchSeconds?: number
}

/** One person in the current frame. */
export interface TrackedFace extends DetectedEmotion {
  /** The same for one person as long as the track lasts; never used again. */
  readonly id: number
  /** Seconds since the track began. */
  readonly age: number
}

interface Track {
  readonly id: number
  readonly begin: number
  box: Box
  seen: number
  scores: Record<FaceEmotion, number>
}

/**
 * Follows the faces of a video: gives each person a number and averages their scores over time, so that the emotion shown does not flicker.
 *
 * ```ts
 * const tracker = new FaceTracker(model)
 * for (const { id, box, emotion } of tracker.update(video, performance.now() / 1000)) draw(id, box, emotion)
 * ```
 */
export class FaceTracker {
  readonly #model: Pick<FaceEmotionModel, 'detect' | 'uncertainBelow'>
  readonly #options: Required<FaceTrackerOptions>
  #tracks: Track[] = []
  #lastId = 0
  #lastTime = -Infinity
  #lastSearch = -Infinity

  /** @throws EmoError `MODEL_EXPECTED`, `OPTIONS_NOT_OBJECT`; EmoRangeError `OPTION_RANGE` */
  constructor(model: Pick<FaceEmotionModel, 'detect' | 'uncertainBelow'>, options: FaceTrackerOptions = {}) {
    checkModel(model, 'detect')
    checkOptions(options, '{ smoothingSeconds: 0.5 }')
    const { smoothingSeconds = 0.5, minOverlap = 0.3, maxGapSeconds = 0.5, searchSeconds = 0.5 } = options
    for (const [name, value, most] of [
      ['smoothingSeconds', smoothingSeconds, Infinity],
      ['minOverlap', minOverlap, 1],
      ['maxGapSeconds', maxGapSeconds, Infinity],
      ['searchSeconds', searchSeconds, Infinity],
    ] as const) {
      if (!(value >= 0 && value <= most)) {
        throw new EmoRangeError('OPTION_RANGE', `${name} must be from 0 to ${most}, not ${value}.`, { details: { [name]: value } })
      }
    }
    this.#model = model
    this.#options = { smoothingSeconds, minOverlap, maxGapSeconds, searchSeconds }
  }

  /**
   * Answers one frame.
   *
   * @param frame - the picture
   * @param time - when it was taken, in seconds from any origin; must not fall
   * @returns the faces in this frame, with averaged scores
   * @throws EmoError as {@link FaceEmotionModel.detect}
   * @throws EmoRangeError `TIME_ORDER` when time falls or is no number
   */
  update(frame: ImageInput, time: number): TrackedFace[] {
    if (!Number.isFinite(time) || time < this.#lastTime) {
      throw new EmoRangeError('TIME_ORDER', `Frames must come in the order of time; ${time} s came after ${this.#lastTime} s.`, {
        details: { time, last: this.#lastTime },
      })
    }
    this.#lastTime = time
    this.#tracks = this.#tracks.filter(({ seen }) => time - seen <= this.#options.maxGapSeconds)
    const search = this.#tracks.length === 0 || time - this.#lastSearch >= this.#options.searchSeconds
    if (search) this.#lastSearch = time
    const faces = this.#model.detect(frame, search ? undefined : { near: this.#tracks.map(({ box }) => box) })
    const owners = this.#match(faces)
    return faces.map((face, index) => this.#follow(face, owners[index], time))
  }

  /** Forgets everybody; the next frame begins anew, at any time. */
  reset(): void {
    this.#tracks = []
    this.#lastTime = -Infinity
    this.#lastSearch = -Infinity
  }

  /** The track of each face: pairs in the order of falling overlap. */
  #match(faces: readonly DetectedEmotion[]): (Track | undefined)[] {
    const pairs = faces.flatMap((face, index) =>
      this.#tracks.map((track) => ({ index, track, overlap: intersectionOverUnion(face.box, track.box) })),
    )
    const owners = new Array<Track | undefined>(faces.length).fill(undefined)
    const taken = new Set<Track>()
    for (const { index, track, overlap } of pairs.sort((a, b) => b.overlap - a.overlap)) {
      if (overlap < this.#options.minOverlap || overlap === 0 || owners[index] !== undefined || taken.has(track)) continue
      owners[index] = track
      taken.add(track)
    }
    return owners
  }

  #follow(face: DetectedEmotion, known: Track | undefined, time: number): TrackedFace {
    const track = known ?? { id: ++this.#lastId, begin: time, box: face.box, seen: time, scores: { ...face.scores } }
    if (known === undefined) this.#tracks.push(track)
    else {
      const { smoothingSeconds } = this.#options
      const keep = smoothingSeconds === 0 ? 0 : Math.exp(-(time - track.seen) / smoothingSeconds)
      for (const emotion of faceEmotions) track.scores[emotion] = keep * track.scores[emotion] + (1 - keep) * face.scores[emotion]
    }
    track.box = face.box
    track.seen = time
    const emotion = faceEmotions.reduce((best, other) => (track.scores[other] > track.scores[best] ? other : best))
    const confidence = track.scores[emotion]
    return {
      ...face,
      id: track.id,
      age: time - track.begin,
      emotion,
      confidence,
      scores: { ...track.scores },
      uncertain: isUncertain(confidence, this.#model),
    }
  }
}
