import type { TrainOptions } from '@emo/runtime/training'
import { defaultBlocks } from '../src/buildFaceModel.ts'
import { faceSize } from './faceSet.ts'
import type { FaceRecipe } from './recipe.ts'

/** One cycle of the learning rate (warm restarts, Loshchilov and Hutter 2017), from the weights of the stage before. */
export interface TrainingStage {
  readonly epochs: number
  /** Highest rate. */
  readonly learningRate: number
  /** Whether all pictures have their full size from the start. Default false: small ones first. */
  readonly fullSize?: boolean
  /** Whether pictures are changed less than by default from the start, and little for the last quarter. Default false: less for the last epochs. */
  readonly gentle?: boolean
  /**
   * Part of the targets that is not the label but what the network answered at the start of the stage; it smooths what the labels have by chance. Default 0.
   */
  readonly ownAnswers?: number
  /** Weighted means before the heads from this stage on; takes `fullSize`. Default 0. */
  readonly poolingMaps?: number
}

/** A named way to train: what the replicas make and how the weights move. */
export interface NamedRecipe {
  readonly stages: readonly TrainingStage[]
  /** What `--refine` does to weights that are good already, in place of the last stage. */
  readonly refinement?: TrainingStage
  readonly recipe: (stage: TrainingStage) => Omit<FaceRecipe, 'dataFile'>
  readonly options: (stage: TrainingStage) => Omit<TrainOptions, 'directory' | 'epochs'>
}

/** The recipes behind `--model`. */
export const recipes: Readonly<Record<FaceRecipe['model'], NamedRecipe>> = {
  best: {
    stages: [
      { epochs: 12, learningRate: 0.1 },
      { epochs: 6, learningRate: 0.03, fullSize: true },
      { epochs: 30, learningRate: 0.08 },
    ],
    refinement: { epochs: 24, learningRate: 0.02, fullSize: true, gentle: true, ownAnswers: 0.5, poolingMaps: 2 },
    recipe: ({ epochs, fullSize = false, gentle = false, poolingMaps = 0 }) => ({
      model: 'best',
      batchSize: 96,
      // A picture of 32 x 32 costs 0.45 of one of 48 x 48.
      sizes: fullSize
        ? [{ fromEpoch: 0, size: faceSize }]
        : [
            { fromEpoch: 0, size: 32 },
            { fromEpoch: Math.round(epochs * 0.5), size: 40 },
            { fromEpoch: Math.round(epochs * 0.67), size: faceSize },
          ],
      // The last epochs see pictures closer to those that are served.
      augmentation: [
        ...(gentle
          ? [{ fromEpoch: 0, options: { rotation: 12, scale: 0.12, shift: 0.1, contrast: 0.2, brightness: 0.15, erasing: 0.35 } }]
          : []),
        {
          fromEpoch: Math.round(epochs * (gentle ? 0.75 : 0.85)),
          options: { rotation: 8, scale: 0.1, shift: 0.06, contrast: 0.15, brightness: 0.1, erasing: 0.25 },
        },
      ],
      labelSmoothing: 0.1,
      dropout: 0.2,
      stem: [16, 32],
      blocks: defaultBlocks,
      poolingMaps,
    }),
    options: ({ learningRate }) => ({
      optimizer: { type: 'sgd', learningRate, momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
      schedule: { type: 'cosine', warmupSteps: 200 },
      ema: { decay: 0.998 },
    }),
  },
  paper: {
    stages: [{ epochs: 8, learningRate: 1e-3 }],
    recipe: () => ({
      model: 'paper',
      batchSize: 96,
      sizes: [{ fromEpoch: 0, size: faceSize }],
      augmentation: [],
      labelSmoothing: 0,
      dropout: 0.3,
      stem: [16, 32],
      blocks: [],
      poolingMaps: 0,
    }),
    options: ({ learningRate }) => ({
      optimizer: { type: 'adamw', learningRate, weightDecay: 0.01 },
      schedule: { type: 'cosine', warmupSteps: 100 },
    }),
  },
}
