import type { TrainOptions } from '@emo/runtime/training'
import { defaultBlocks } from '../src/buildFaceModel.ts'
import type { FaceRecipe } from './recipe.ts'

/** A named way to train: what the replicas make and how the weights move. */
export interface NamedRecipe {
  readonly epochs: number
  readonly recipe: (epochs: number) => Omit<FaceRecipe, 'dataFile'>
  readonly options: Omit<TrainOptions, 'directory' | 'epochs'>
  /** A second cycle (warm restart, Loshchilov and Hutter 2017) at full size, from the weights of the first. */
  readonly secondCycle?: { readonly epochs: number; readonly learningRate: number }
}

/** The recipes behind `--model`. */
export const recipes: Readonly<Record<FaceRecipe['model'], NamedRecipe>> = {
  best: {
    epochs: 12,
    recipe: (epochs) => ({
      model: 'best',
      batchSize: 96,
      // A picture of 32 x 32 costs 0.45 of one of 48 x 48.
      sizes: [
        { fromEpoch: 0, size: 32 },
        { fromEpoch: Math.round(epochs * 0.5), size: 40 },
        { fromEpoch: Math.round(epochs * 0.67), size: 48 },
      ],
      // The last epochs see pictures closer to those that are served.
      augmentation: [{ fromEpoch: Math.round(epochs * 0.85), options: { rotation: 8, scale: 0.1, shift: 0.06, contrast: 0.15, brightness: 0.1, erasing: 0.25 } }],
      labelSmoothing: 0.1,
      dropout: 0.2,
      stem: [16, 32],
      blocks: defaultBlocks,
    }),
    options: {
      optimizer: { type: 'sgd', learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
      schedule: { type: 'cosine', warmupSteps: 200 },
      ema: { decay: 0.998 },
    },
    secondCycle: { epochs: 6, learningRate: 0.03 },
  },
  paper: {
    epochs: 8,
    recipe: () => ({
      model: 'paper',
      batchSize: 96,
      sizes: [{ fromEpoch: 0, size: 48 }],
      augmentation: [],
      labelSmoothing: 0,
      dropout: 0.3,
      stem: [16, 32],
      blocks: [],
    }),
    options: {
      optimizer: { type: 'adamw', learningRate: 1e-3, weightDecay: 0.01 },
      schedule: { type: 'cosine', warmupSteps: 100 },
    },
  },
}
