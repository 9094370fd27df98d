import type { CorpusEmotion } from '@emo/datasets'
import { EMOTION_ORDER } from './emotionDisplay.ts'
import type { EmotionScores } from './prediction.ts'

/** One sample with what the corpus and the model say of it. */
export interface JudgedSample {
  readonly truth: CorpusEmotion
  /** Nothing where the model found no voice or no face: counted as wrong. */
  readonly scores: EmotionScores | undefined
  /** The same content is in the training side of the corpus's own split. */
  readonly alsoInTrain?: boolean
}

/** Figures of one emotion. */
interface EmotionFigures {
  readonly emotion: CorpusEmotion
  /** Share of the answers with this emotion that are right; 0 without such answers. */
  readonly precision: number
  /** Share of the samples of this emotion that are answered right. */
  readonly recall: number
  readonly f1: number
  /** Samples of this emotion. */
  readonly support: number
}

/** What a model reaches on a corpus. */
export interface Evaluation {
  /** Emotions of the corpus that the model knows: the classes that it chooses from. */
  readonly classes: readonly CorpusEmotion[]
  /** Samples of these classes. */
  readonly evaluated: number
  /** Share of these that are answered right. */
  readonly accuracy: number
  /** Mean recall over the classes of which there are samples (UAR, balanced accuracy). */
  readonly unweightedAverageRecall: number
  /** Mean F1 over the same classes. */
  readonly macroF1: number
  readonly weightedF1: number
  readonly perClass: readonly EmotionFigures[]
  /** Rows: what the corpus says. Columns: what the model says. Order: `classes`. */
  readonly confusionMatrix: readonly (readonly number[])[]
  /** Samples without voice or face, counted as wrong; they are in no column of the matrix. */
  readonly unanswered: number
  /** Mean probability of the answers, to compare with the accuracy: equal if calibrated. */
  readonly meanConfidence: number
  /** Emotions of the corpus that the model does not know, with their number of samples, which the figures above leave out. */
  readonly unknownToModel: readonly { readonly emotion: CorpusEmotion; readonly samples: number }[]
  /** Accuracy with those samples counted as wrong. */
  readonly accuracyOverAll: number
  /** Emotions that the model knows and the corpus lacks: it may not choose them here. */
  readonly absentFromCorpus: readonly CorpusEmotion[]
  /** Accuracy without samples whose content is also in the corpus's training side; absent where there are none. */
  readonly withoutTrainingDuplicates?: { readonly evaluated: number; readonly accuracy: number }
}

/**
 * Compares answers with labels. The label spaces of corpus and model need not be equal: the model chooses among the emotions that both
 * know; samples of the others are reported apart.
 *
 * @param samples - at least one of an emotion that the model knows, or all figures are 0
 * @param modelEmotions - every emotion that the model may answer
 * @param corpusEmotions - every emotion of the corpus, also those that none of these samples has
 */
export function evaluateAnswers(
  samples: readonly JudgedSample[],
  modelEmotions: readonly CorpusEmotion[],
  corpusEmotions: readonly CorpusEmotion[],
): Evaluation {
  const counts = new Map<CorpusEmotion, number>()
  for (const { truth } of samples) counts.set(truth, (counts.get(truth) ?? 0) + 1)
  const known = new Set(modelEmotions)
  const inCorpus = new Set(corpusEmotions)
  const classes = EMOTION_ORDER.filter((emotion) => inCorpus.has(emotion) && known.has(emotion))
  const matrix = classes.map(() => classes.map(() => 0))
  let unanswered = 0
  let confidence = 0
  let right = 0
  const clean = { evaluated: 0, right: 0, duplicates: 0 }
  for (const { truth, scores, alsoInTrain } of samples) {
    const row = classes.indexOf(truth)
    if (row === -1) continue
    const answer = scores && strongestOf(scores, classes)
    if (answer) {
      matrix[row][answer.index]++
      confidence += answer.share
    } else unanswered++
    const correct = answer?.index === row
    if (correct) right++
    if (alsoInTrain) clean.duplicates++
    else {
      clean.evaluated++
      if (correct) clean.right++
    }
  }
  const perClass = classes.map((emotion, i): EmotionFigures => {
    const support = counts.get(emotion) ?? 0
    const answered = matrix.reduce((sum, row) => sum + row[i], 0)
    const precision = ratio(matrix[i][i], answered)
    const recall = ratio(matrix[i][i], support)
    return { emotion, precision, recall, f1: ratio(2 * precision * recall, precision + recall), support }
  })
  const evaluated = perClass.reduce((sum, figures) => sum + figures.support, 0)
  const present = perClass.filter((figures) => figures.support > 0)
  const mean = (value: (figures: EmotionFigures) => number): number =>
    ratio(
      present.reduce((sum, f) => sum + value(f), 0),
      present.length,
    )
  return {
    classes,
    evaluated,
    accuracy: ratio(right, evaluated),
    unweightedAverageRecall: mean((figures) => figures.recall),
    macroF1: mean((figures) => figures.f1),
    weightedF1: ratio(
      perClass.reduce((sum, figures) => sum + figures.f1 * figures.support, 0),
      evaluated,
    ),
    perClass,
    confusionMatrix: matrix,
    unanswered,
    meanConfidence: ratio(confidence, evaluated - unanswered),
    unknownToModel: EMOTION_ORDER.filter((emotion) => counts.has(emotion) && !known.has(emotion)).map((emotion) => ({
      emotion,
      samples: counts.get(emotion)!,
    })),
    accuracyOverAll: ratio(right, samples.length),
    absentFromCorpus: EMOTION_ORDER.filter((emotion) => known.has(emotion) && !inCorpus.has(emotion)),
    ...(clean.duplicates > 0 && {
      withoutTrainingDuplicates: { evaluated: clean.evaluated, accuracy: ratio(clean.right, clean.evaluated) },
    }),
  }
}

/** The strongest of some emotions, and its share of their scores. */
function strongestOf(scores: EmotionScores, classes: readonly CorpusEmotion[]): { index: number; share: number } {
  let index = 0
  let sum = 0
  classes.forEach((emotion, i) => {
    const score = scores[emotion] ?? 0
    sum += score
    if (score > (scores[classes[index]] ?? 0)) index = i
  })
  return { index, share: ratio(scores[classes[index]] ?? 0, sum) }
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
