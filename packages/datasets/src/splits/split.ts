import type { Sample } from '../sample.ts'

/** How a split was made; belongs into every report of what was trained on it. */
export interface SplitProtocol {
  readonly method:
    'group-k-fold' | 'leave-one-group-out' | 'stratified-group-k-fold' | 'group-hold-out' | 'official' | 'cross-corpus' | 'random'
  /** `true`: the same speakers or images may be on both sides, so that the score means little. Only `unsafeRandomSplit` and splits by `'sentence'` set it. */
  readonly unsafe: boolean
  /** One line for reports. */
  readonly description: string
  /** What makes a score on this test side mean little, e.g. that it has TESS's two speakers only. Belongs into reports too. */
  readonly warnings: readonly string[]
  readonly seed?: number
  /** Number of this fold, from 0. */
  readonly fold?: number
  readonly folds?: number
}

/** A sample that a split left out. */
export interface Exclusion {
  readonly sample: Sample
  readonly reason: string
}

/** Samples to train on, to choose on and to test on. */
export interface Split {
  readonly train: readonly Sample[]
  /** Empty when the split has none. */
  readonly validation: readonly Sample[]
  readonly test: readonly Sample[]
  /** Samples on no side, with the reason. */
  readonly excluded: readonly Exclusion[]
  readonly protocol: SplitProtocol
}
