import type { CorpusEmotion } from '../emotions.ts'
import type { SoftLabel } from '../sample.ts'

/** The ten options of the FERPlus annotators, in the order of `fer2013new.csv`. */
export const FER_PLUS_OPTIONS = [
  'neutral',
  'happiness',
  'surprise',
  'sadness',
  'anger',
  'disgust',
  'fear',
  'contempt',
  'unknown',
  'NF',
] as const

/** One option of the FERPlus annotators; `NF` means "not a face". */
export type FerPlusOption = (typeof FER_PLUS_OPTIONS)[number]

const EMOTION_COUNT = 8

/** Options that a single annotator chose are taken for slips (Barsoum et al. 2016, the authors' code). */
function withoutSlips(votes: readonly number[]): number[] {
  return votes.map((count) => (count <= 1 ? 0 : count))
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/**
 * Majority label as Barsoum et al. 2016 count it: single votes dropped, then the option with more than half of the rest.
 *
 * @param votes - ten counts in the order of {@link FER_PLUS_OPTIONS}
 * @returns `unknown` when no option has the majority
 */
export function ferPlusMajority(votes: readonly number[]): FerPlusOption {
  const counts = withoutSlips(votes)
  const most = Math.max(...counts)
  return most > 0.5 * sum(counts) ? FER_PLUS_OPTIONS[counts.indexOf(most)] : 'unknown'
}

/**
 * Label distribution as Barsoum et al. 2016 train on ("probability" mode of the authors' code): single votes dropped; the options with most
 * votes are taken, ties together, until they hold three quarters of the votes, at most three of them, and none from `unknown` or `NF` on.
 *
 * @param votes - ten counts in the order of {@link FER_PLUS_OPTIONS}
 * @returns `undefined` when `unknown` or `NF` leads, or the options taken hold no more than half of the votes or are more than three
 */
export function ferPlusSoftLabel(votes: readonly number[]): SoftLabel | undefined {
  const counts = withoutSlips(votes)
  const total = sum(counts)
  const taken = counts.map(() => 0)
  let takenTotal = 0
  let takenCount = 0
  let valid = total > 0
  while (valid && takenTotal < 0.75 * total && takenCount < 3) {
    const most = Math.max(...counts)
    for (let i = 0; i < counts.length && valid; i++) {
      if (counts[i] !== most) continue
      counts[i] = 0
      if (i >= EMOTION_COUNT) {
        valid = false
        if (takenCount > 0) continue
      }
      taken[i] = most
      takenTotal += most
      takenCount++
    }
  }
  const emotions = taken.slice(0, EMOTION_COUNT)
  const emotionTotal = sum(emotions)
  if (emotionTotal === 0 || sum(taken) <= 0.5 * total || takenCount > 3) return undefined
  const label: Partial<Record<CorpusEmotion, number>> = {}
  emotions.forEach((count, i) => {
    if (count > 0) label[FER_PLUS_OPTIONS[i] as CorpusEmotion] = count / emotionTotal
  })
  return label
}

/** Emotion of a FERPlus option; `undefined` for `unknown` and `NF`. */
export function ferPlusEmotion(option: FerPlusOption): CorpusEmotion | undefined {
  return option === 'unknown' || option === 'NF' ? undefined : option
}

/** Votes by option, without those that nobody chose. */
export function ferPlusVoteRecord(votes: readonly number[]): Readonly<Record<string, number>> {
  const record: Record<string, number> = {}
  FER_PLUS_OPTIONS.forEach((option, i) => {
    if (votes[i] > 0) record[option] = votes[i]
  })
  return record
}
