import type { FaceEmotion } from './faceEmotions.ts'

/** Figures of one emotion, in [0, 1], and the number of its images. */
export interface FaceClassFigures {
  readonly emotion: FaceEmotion
  readonly precision: number
  readonly recall: number
  readonly f1: number
  readonly support: number
}

/** How a set of weights came about. */
export interface FaceModelTraining {
  readonly corpus: string
  readonly images: number
  /** Training images left out: pixel-identical to a test image, or labelled in two ways. */
  readonly leftOut: { readonly alsoInTest: number; readonly ambiguous: number }
  readonly epochs: number
  readonly seed: number
  /** The command that makes these weights. */
  readonly command: string
  /** Ends of stages whose mean the weights are; the last stage's own without it. */
  readonly averaged?: number
  /** Networks whose answers were half of the targets in the last stage; none without it. */
  readonly teachers?: number
  /** How the weights came about that this training went on from (`--from`). */
  readonly continuedFrom?: FaceModelTraining
}

/** How long an answer takes, all in one run on one machine: compare the ratios. */
export interface FaceModelLatency {
  /** `predict` of one face, median. */
  readonly milliseconds: number
  /** `predictBatch` of 32 faces, median, a face. */
  readonly batchMilliseconds: number
  /** `detect` in a frame of 640 x 480 with one face, with the detector's defaults, median. */
  readonly frameMilliseconds: number
  /** Other packages' networks for one face in the same run: their median, and this model's time as a share of it. */
  readonly peers: readonly { readonly name: string; readonly milliseconds: number; readonly ratio: number }[]
  /** Calls behind each median of one face. */
  readonly runs: number
  readonly machine: string
  /** The command that prints these figures. */
  readonly command: string
}

/** What {@link FaceEmotionModel.card} returns: where a set of weights comes from, what it reaches, and what it is not for. */
export interface FaceModelCard {
  readonly name: string
  readonly description: string
  /** Numbers in the network that is shipped. */
  readonly parameters: number
  readonly training: FaceModelTraining
  /** Measured on the weights as shipped (float16, batch normalisation folded), one crop, no test-time augmentation. */
  readonly evaluation: {
    /** FER2013's PublicTest, on which calibration was fitted, too. */
    readonly publicTest: {
      readonly images: number
      readonly accuracy: number
      /** Mean of the classes' recalls. */
      readonly unweightedAverageRecall: number
      readonly macroF1: number
      readonly classes: readonly FaceClassFigures[]
      /** Rows truth, columns answer, in the order of `classes`. */
      readonly confusion: readonly (readonly number[])[]
      /** 15 bins, each half of the images calibrated on the other. */
      readonly expectedCalibrationError: number
      /** Without the images that also occur in the training side of the corpus (they were not trained on). */
      readonly withoutDuplicates: { readonly images: number; readonly accuracy: number }
      /** Share of the images that are not flagged uncertain, and the accuracy on those. */
      readonly certain: { readonly share: number; readonly accuracy: number }
    }
    /** FERPlus' Valid side, images on whose emotion more than half of the annotators agree, 8 classes. */
    readonly ferPlusValid?: { readonly images: number; readonly accuracy: number }
    readonly latency?: FaceModelLatency
  }
  readonly intendedUse: readonly string[]
  readonly outOfScope: readonly string[]
  readonly limitations: readonly string[]
  readonly license: string
  readonly attribution: readonly string[]
}
