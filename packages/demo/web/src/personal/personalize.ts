import type { Comparison, Example, Judgement } from './protocol.ts'

/** Of how many parts one is held out by turns, at most. */
const MOST_FOLDS = 4

/** What is done with the model of either modality. */
export interface Trainer<M> {
  /** A new model; `onProgress` gets the share done, 0 to 1. */
  fineTune(examples: readonly Example[], onProgress: (done: number) => void): Promise<M>
  /** Probability of each emotion; without a model, by the page's own. */
  scores(example: Example, model?: M): Readonly<Partial<Record<string, number>>>
  dispose(model: M): void
}

/**
 * Makes a model of the person's own from their examples and says what it gained: where every emotion has two examples, by cross-validation (each example is judged
 * by a model that learned from others), else on the examples themselves, which proves little.
 *
 * @param onProgress - share done, 0 to 1
 */
export async function personalize<M>(
  trainer: Trainer<M>,
  examples: readonly Example[],
  onProgress: (done: number) => void,
): Promise<{ model: M; comparison: Comparison }> {
  const folds = foldsOf(examples)
  const count = Math.max(0, ...folds) + 1
  const heldOut = count > 1
  const trainings = heldOut ? count + 1 : 1
  const before = judge(
    examples,
    examples.map((example) => trainer.scores(example)),
  )
  const afterScores: Readonly<Partial<Record<string, number>>>[] = []
  for (let fold = 0; heldOut && fold < count; fold++) {
    const model = await trainer.fineTune(
      examples.filter((_, index) => folds[index] !== fold),
      (done) => onProgress((fold + done) / trainings),
    )
    try {
      examples.forEach((example, index) => {
        if (folds[index] === fold) afterScores[index] = trainer.scores(example, model)
      })
    } finally {
      trainer.dispose(model)
    }
  }
  const model = await trainer.fineTune(examples, (done) => onProgress((trainings - 1 + done) / trainings))
  if (!heldOut) examples.forEach((example, index) => (afterScores[index] = trainer.scores(example, model)))
  const after = judge(examples, afterScores)
  return { model, comparison: { examples: examples.length, before, after, heldOut } }
}

/** The part that each example belongs to; all 0 where an emotion has one example only, or where there is but one emotion. */
function foldsOf(examples: readonly Example[]): number[] {
  const seen = new Map<string, number>()
  const ranks = examples.map(({ emotion }) => {
    const rank = seen.get(emotion) ?? 0
    seen.set(emotion, rank + 1)
    return rank
  })
  const fewest = Math.min(...seen.values())
  const folds = seen.size < 2 || fewest < 2 ? 1 : Math.min(MOST_FOLDS, fewest)
  return ranks.map((rank) => rank % folds)
}

function judge(examples: readonly Example[], scores: readonly Readonly<Partial<Record<string, number>>>[]): Judgement {
  let right = 0
  let sum = 0
  examples.forEach(({ emotion }, index) => {
    const own = scores[index][emotion] ?? 0
    sum += own
    // Where nothing was recognised (all zero), nothing is right.
    if (own > 0 && Object.values(scores[index]).every((other) => other! <= own)) right++
  })
  return { right, probability: sum / examples.length }
}
