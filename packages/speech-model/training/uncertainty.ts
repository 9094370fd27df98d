import { argMax, softmax } from '@emo/runtime'
import { EMOTIONS } from '@emo/datasets'

const classCount = EMOTIONS.length

/** Confidence of each answer and whether it is right. */
export interface Answers {
  readonly confidence: readonly number[]
  readonly right: readonly boolean[]
}

/** Answers from logits `[clips, classes]` under a temperature. */
export function answersOf(logits: ArrayLike<number>, truth: readonly number[], temperature: number): Answers {
  const confidence: number[] = []
  const right = truth.map((label, i) => {
    const probabilities = softmax(
      Array.from({ length: classCount }, (_, k) => logits[i * classCount + k]),
      temperature,
    )
    const best = argMax(probabilities, 0, classCount)
    confidence.push(probabilities[best])
    return best === label
  })
  return { confidence, right }
}

/**
 * The confidence from which on an answer is at least as likely right as wrong, on answers that the network was not trained on: the
 * share of right answers is fitted as a non-decreasing function of the confidence (isotonic regression by pooling adjacent
 * violators; Zadrozny and Elkan 2002), and the threshold is where the fit first reaches one half. 1 when it never does.
 */
export function uncertaintyThreshold({ confidence, right }: Answers): number {
  const order = Array.from(confidence.keys()).sort((a, b) => confidence[a] - confidence[b])
  const blocks: { from: number; hits: number; count: number }[] = []
  for (const i of order) {
    blocks.push({ from: confidence[i], hits: Number(right[i]), count: 1 })
    while (blocks.length > 1) {
      const last = blocks[blocks.length - 1]
      const before = blocks[blocks.length - 2]
      if (last.from > before.from && before.hits * last.count < last.hits * before.count) break
      blocks.splice(-2, 2, { from: before.from, hits: before.hits + last.hits, count: before.count + last.count })
    }
  }
  return blocks.find(({ hits, count }) => 2 * hits >= count)?.from ?? 1
}

/** How the flag does: the share of answers that carry it, and how many of the others and of the flagged are right. */
export interface UncertaintyFigures {
  readonly flagged: number
  readonly accuracyCertain: number
  readonly accuracyFlagged: number
}

/** Judges thresholds on answers that had no part in fitting them, one threshold for each set. */
export function uncertaintyFigures(sets: readonly { readonly answers: Answers; readonly threshold: number }[]): UncertaintyFigures {
  const certain: boolean[] = []
  const flagged: boolean[] = []
  for (const { answers, threshold } of sets) {
    answers.right.forEach((right, i) => (answers.confidence[i] < threshold ? flagged : certain).push(right))
  }
  const share = (list: readonly boolean[]) => (list.length === 0 ? 0 : list.filter(Boolean).length / list.length)
  return { flagged: flagged.length / (flagged.length + certain.length), accuracyCertain: share(certain), accuracyFlagged: share(flagged) }
}
