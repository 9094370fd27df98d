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
  /** Default 0.1. */
  readonly labelSmoothing?: number
  /** Default 1. */
  readonly ferPlusWeight?: number
  /** Whether what is shipped is the mean of what this stage ends with and of the other ends that say so. Default false. */
  readonly averaged?: boolean
}

/** A named way to train: what the replicas make and how the weights move. */
export interface NamedRecipe {
  readonly stages: readonly TrainingStage[]
  readonly recipe: (stage: TrainingStage) => Omit<FaceRecipe, 'dataFile'>
  readonly options: (stage: TrainingStage) => Omit<TrainOptions, 'directory' | 'epochs'>
}

const ferLabels = { fullSize: true, labelSmoothing: 0.05, ferPlusWeight: 0.2, averaged: true } as const satisfies Partial<TrainingStage>

/** The recipes behind `--model`. */
export const recipes: Readonly<Record<FaceRecipe['model'], NamedRecipe>> = {
  best: {
    stages: [
      { epochs: 12, learningRate: 0.1 },
      { epochs: 6, learningRate: 0.03, fullSize: true },
      { epochs: 30, learningRate: 0.08 },
      // Now for FER2013's own labels: the votes have taught the trunk what they can.
      { epochs: 12, learningRate: 0.05, ...ferLabels },
      { epochs: 20, learningRate: 0.06, ...ferLabels },
      { epochs: 10, learningRate: 0.05, ...ferLabels },
    ],
    recipe: ({ epochs, fullSize = false, labelSmoothing = 0.1, ferPlusWeight = 1 }) => ({
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
        {
          fromEpoch: Math.round(epochs * 0.85),
          options: { rotation: 8, scale: 0.1, shift: 0.06, contrast: 0.15, brightness: 0.1, erasing: 0.25 },
        },
      ],
      labelSmoothing,
      ferPlusWeight,
      dropout: 0.2,
      stem: [16, 32],
      blocks: defaultBlocks,
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
      ferPlusWeight: 0,
      dropout: 0.3,
      stem: [16, 32],
      blocks: [],
    }),
    options: ({ learningRate }) => ({
      optimizer: { type: 'adamw', learningRate, weightDecay: 0.01 },
      schedule: { type: 'cosine', warmupSteps: 100 },
    }),
  },
}
