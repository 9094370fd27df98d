import { FusedBatchNormalization } from '@emo/runtime'

/** Small constant under the root of {@link normalization}. */
export const normalizationEpsilon = 1e-3

/** Batch normalisation with its activation, as the training graphs use it. */
export function normalization(name: string, activation: 'relu' | 'linear'): FusedBatchNormalization {
  return new FusedBatchNormalization({ name, activation, epsilon: normalizationEpsilon, momentum: 0.95 })
}
