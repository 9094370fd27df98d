import type { CorpusEmotion } from '@emo/datasets'
import { EmoError, EmoRangeError } from '@emo/errors'
import { EMOTION_ORDER } from './emotionDisplay.ts'
import { DEFAULT_RELIABILITY } from './reliability.ts'
import type { EmotionAnswer, EmotionScores, Modality, PerModality } from './prediction.ts'

/** Options of {@link fuse}. */
export interface FuseOptions {
  /**
   * How much better than chance each model is, 0 to 1, as {@link reliabilityOf} computes it from a measured recall. Default {@link DEFAULT_RELIABILITY}.
   */
  readonly reliability?: Partial<PerModality>
  /**
   * How surely there is something to judge, 0 to 1: the probability of voice, the detector's score of the face,
   * and less the older the answer is. Default 1 for each answer given.
   */
  readonly presence?: Partial<PerModality>
  /** The fused scores of the last moment, for temporal smoothing. */
  readonly previous?: EmotionScores
  /** Seconds since `previous`. Default 0: `previous` is returned unchanged. */
  readonly elapsedSeconds?: number
  /** Time constant of the smoothing in seconds. Default 1. 0 switches smoothing off. */
  readonly timeConstantSeconds?: number
}

/** What {@link fuse} returns. */
export interface FusedAnswer extends EmotionAnswer {
  /** The share that each modality had, summing to 1. */
  readonly weights: PerModality
  /** Whether the confidence is below 0.5: more often wrong than right, as the models' probabilities are calibrated. */
  readonly uncertain: boolean
}

/** Of {@link FusedAnswer}. */
const UNCERTAIN_BELOW = 0.5

/** A label that one model splits and the other does not: a face model without `calm` calls calm faces neutral. */
const COARSER: Readonly<Partial<Record<CorpusEmotion, CorpusEmotion>>> = { calm: 'neutral' }

/** Scores below this are lifted to it, so that one model alone cannot rule an emotion out. */
const FLOOR = 1e-4

/**
 * Late fusion of a voice and a face: the logarithmic opinion pool of the two models' calibrated scores,
 *
 * `p(c) ∝ p_speech(c)^a · p_face(c)^b`, `a = w_speech / (w_speech + w_face)`, `b = 1 - a`, `w = reliability · presence`
 *
 * (Genest and Zidek, Combining Probability Distributions, Statistical Science 1(1), 1986, section 3). With one answer missing,
 * or its presence 0, the other's scores are returned as they are.
 *
 * The two models need not know the same emotions. A label that one of them lacks
 * - is split off its coarser label in the proportion that the other model sees (`calm` from `neutral`),
 * - or else gets the probability that the other model gives it times that model's share, and the pool is over the remaining labels.
 *
 * With `previous`, scores are smoothed exponentially: `s = previous + (1 - exp(-elapsedSeconds / timeConstantSeconds)) (p - previous)`.
 *
 * @param speech - answer of the speech model, or nothing while nobody speaks
 * @param face - answer of the face model, or nothing while no face is seen
 * @throws EmoError `FUSION_NO_INPUT` if neither answer is given or both have weight 0
 * @throws EmoError `FUSION_SCORES_INVALID` if scores (`previous` too) are not finite, negative, or all zero
 * @throws EmoRangeError `FUSION_OPTION_OUT_OF_RANGE` for a reliability or presence outside 0 to 1, or a time that is negative or infinite
 *
 * @example
 * ```ts
 * fuse(
 *   { emotion: 'anger', confidence: 0.6, scores: { anger: 0.6, neutral: 0.4 } },
 *   { emotion: 'neutral', confidence: 0.5, scores: { anger: 0.5, neutral: 0.5 } },
 * ).emotion // 'anger'
 * ```
 */
export function fuse(
  speech: Pick<EmotionAnswer, 'scores'> | null | undefined,
  face: Pick<EmotionAnswer, 'scores'> | null | undefined,
  options: FuseOptions = {},
): FusedAnswer {
  const speechWeight = speech ? weightOf('speech', options) : 0
  const faceWeight = face ? weightOf('face', options) : 0
  const total = speechWeight + faceWeight
  if (total === 0) {
    throw new EmoError('FUSION_NO_INPUT', 'Nothing to fuse: give the answer of at least one modality, with a weight above 0')
  }
  const weights = { speech: speechWeight / total, face: faceWeight / total }

  let scores: EmotionScores
  if (!face || faceWeight === 0) scores = normalise(speech!.scores, 'speech')
  else if (!speech || speechWeight === 0) scores = normalise(face.scores, 'face')
  else scores = pool(normalise(speech.scores, 'speech'), normalise(face.scores, 'face'), weights)

  if (options.previous) scores = smooth(normalise(options.previous, 'previous'), scores, options)
  const [emotion, confidence] = strongest(scores)
  return { emotion, confidence, scores, weights, uncertain: confidence < UNCERTAIN_BELOW }
}

function weightOf(modality: Modality, { reliability, presence }: FuseOptions): number {
  const values = { reliability: reliability?.[modality] ?? DEFAULT_RELIABILITY[modality], presence: presence?.[modality] ?? 1 }
  for (const [name, value] of Object.entries(values)) {
    if (!(value >= 0 && value <= 1)) {
      throw new EmoRangeError('FUSION_OPTION_OUT_OF_RANGE', `The ${name} of ${modality} must be between 0 and 1, not ${value}`, {
        details: { [name]: value, modality },
      })
    }
  }
  return values.reliability * values.presence
}

function normalise(scores: EmotionScores, modality: Modality | 'previous'): EmotionScores {
  let sum = 0
  for (const [emotion, score] of Object.entries(scores) as [CorpusEmotion, number][]) {
    if (!(Number.isFinite(score) && score >= 0)) {
      throw new EmoError('FUSION_SCORES_INVALID', `The ${modality} score of ${emotion} must be a number of at least 0, not ${score}`)
    }
    sum += score
  }
  if (sum === 0) throw new EmoError('FUSION_SCORES_INVALID', `The ${modality} scores are empty or all zero`)
  return mapScores(scores, (score) => score / sum)
}

function pool(speech: EmotionScores, face: EmotionScores, weights: PerModality): EmotionScores {
  const s = splitCoarse(speech, face)
  const f = splitCoarse(face, speech)
  const alone: Partial<Record<CorpusEmotion, number>> = {}
  const shared: Partial<Record<CorpusEmotion, number>> = {}
  let aloneSum = 0
  let sharedSum = 0
  for (const emotion of EMOTION_ORDER) {
    const a = s[emotion]
    const b = f[emotion]
    if (a === undefined && b === undefined) continue
    if (a === undefined || b === undefined) {
      // The other model cannot speak of this emotion: what is known of it comes from one side, by that side's share.
      const share = (a ?? b)! * (a === undefined ? weights.face : weights.speech)
      alone[emotion] = share
      aloneSum += share
    } else {
      const pooled = Math.max(a, FLOOR) ** weights.speech * Math.max(b, FLOOR) ** weights.face
      shared[emotion] = pooled
      sharedSum += pooled
    }
  }
  const scale = sharedSum > 0 ? (1 - aloneSum) / sharedSum : 0
  const joined = { ...mapScores(shared, (score) => score * scale), ...alone }
  const joinedSum = sharedSum > 0 ? 1 : aloneSum
  return Object.fromEntries(EMOTION_ORDER.filter((e) => e in joined).map((e) => [e, joined[e]! / joinedSum]))
}

/** Gives `scores` the labels that only `other` has and that are part of a coarser label of `scores`. */
function splitCoarse(scores: EmotionScores, other: EmotionScores): EmotionScores {
  const result = { ...scores }
  for (const [fine, coarse] of Object.entries(COARSER) as [CorpusEmotion, CorpusEmotion][]) {
    const mass = scores[coarse]
    const fineOther = other[fine]
    const coarseOther = other[coarse]
    if (fine in scores || mass === undefined || fineOther === undefined || coarseOther === undefined) continue
    const both = fineOther + coarseOther
    const part = both > 0 ? fineOther / both : 0.5
    result[fine] = mass * part
    result[coarse] = mass * (1 - part)
  }
  return result
}

function smooth(previous: EmotionScores, now: EmotionScores, options: FuseOptions): EmotionScores {
  const { elapsedSeconds = 0, timeConstantSeconds = 1 } = options
  for (const [name, value] of Object.entries({ elapsedSeconds, timeConstantSeconds })) {
    if (!(value >= 0 && value < Infinity)) {
      throw new EmoRangeError('FUSION_OPTION_OUT_OF_RANGE', `${name} must be a number of at least 0, not ${value}`, {
        details: { [name]: value },
      })
    }
  }
  const gain = timeConstantSeconds === 0 ? 1 : 1 - Math.exp(-elapsedSeconds / timeConstantSeconds)
  const result: Partial<Record<CorpusEmotion, number>> = {}
  for (const emotion of EMOTION_ORDER) {
    if (!(emotion in previous) && !(emotion in now)) continue
    const before = previous[emotion] ?? 0
    result[emotion] = before + gain * ((now[emotion] ?? 0) - before)
  }
  return result
}

function mapScores(scores: EmotionScores, change: (score: number) => number): EmotionScores {
  return Object.fromEntries((Object.entries(scores) as [CorpusEmotion, number][]).map(([emotion, score]) => [emotion, change(score)]))
}

function strongest(scores: EmotionScores): [CorpusEmotion, number] {
  return (Object.entries(scores) as [CorpusEmotion, number][]).reduce((best, entry) => (entry[1] > best[1] ? entry : best))
}
