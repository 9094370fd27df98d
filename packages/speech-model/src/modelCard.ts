/** Mean and spread over runs, in [0, 1] where the figure is a rate. */
export interface Spread {
  readonly mean: number
  /** Sample standard deviation over the runs; 0 for a single run. */
  readonly deviation: number
  readonly runs: number
}

/** Figures of one emotion on held-out actors. */
export interface ClassFigures {
  readonly emotion: string
  readonly precision: number
  readonly recall: number
  readonly f1: number
  readonly support: number
}

/** What {@link SpeechEmotionModel.card} returns: where a set of weights comes from, what it reaches, and what it is not for. */
export interface SpeechModelCard {
  readonly name: string
  readonly version: string
  readonly description: string
  /** Trainable and fixed numbers of the network. */
  readonly parameters: number
  readonly training: {
    readonly corpora: readonly {
      readonly name: string
      readonly clips: number
      readonly speakers: number
      readonly terms: string
      readonly citation: string
    }[]
    /** How the figures below were held out. */
    readonly protocol: string
    readonly seeds: readonly number[]
    /** The command that makes these weights. */
    readonly command: string
  }
  readonly evaluation: {
    /** RAVDESS, 8 classes, unknown actors: unweighted average recall, mean over the folds that were run, spread over seeds. */
    readonly ravdess?: {
      /** Which of the five folds of actors were run, from 0; all of them where it is missing. */
      readonly foldsRun?: readonly number[]
      readonly uar: Spread
      readonly accuracy: Spread
      readonly folds: readonly number[]
      readonly classes: readonly ClassFigures[]
      readonly bySex: Readonly<Record<'female' | 'male', number>>
      /** Expected calibration error, 15 bins, temperature fitted on other actors. */
      readonly expectedCalibrationError: number
      /** Share of the answers that are flagged uncertain, and how many of the others and of the flagged ones are right. */
      readonly uncertainty?: { readonly flagged: number; readonly accuracyCertain: number; readonly accuracyFlagged: number }
    }
    /** Windows of 0.8 s, one from the middle of each held-out clip. */
    readonly shortWindows?: { readonly uar: number; readonly clips: number; readonly noSpeech: number }
    /**
     * SAVEE with background noise so far below the loudest tenth of a second; `foldAccuracy4`: the same figure of the networks of one seed's folds; `ravdessUar`: of the same networks,
     * RAVDESS, 8 classes, unknown actors, in the same noise.
     */
    readonly noise?: {
      readonly belowDb: number
      readonly accuracy4: number
      readonly uar7: number
      readonly noSpeech: number
      readonly foldAccuracy4?: readonly number[]
      readonly ravdessUar?: number
    }
    /** SAVEE, never trained on. `foldAccuracy4`: the same figure of each fold's network, seed by seed, which shows by how much one network's is chance. */
    readonly savee?: {
      readonly accuracy4: number
      readonly uar4: number
      readonly uar7: number
      readonly clips: number
      readonly noSpeech: number
      readonly foldAccuracy4?: readonly number[]
    }
    /** The paper's own protocol: a random split for each seed, same actors on both sides. Not comparable with the figures above. */
    readonly randomSplit?: {
      readonly accuracy: Spread
      readonly uar: Spread
      readonly trainAccuracy: number
      readonly seeds: readonly number[]
    }
    /** One `predict` of a clip, features included, and the time that an hour takes; by the wall clock where `clock` is missing. */
    readonly latency?: {
      readonly clipSeconds: number
      readonly milliseconds: number
      readonly hourSeconds: number
      readonly clock?: 'processor'
      readonly machine: string
    }
    /** The commands that print these figures. */
    readonly commands: readonly string[]
  }
  readonly intendedUse: readonly string[]
  readonly outOfScope: readonly string[]
  readonly limitations: readonly string[]
  readonly license: string
  readonly attribution: readonly string[]
}
