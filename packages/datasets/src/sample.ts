import type { CorpusEmotion, PaperLabel } from './emotions.ts'
import type { FileTree } from './files/fileTree.ts'

/** The corpora that have a loader. */
export const CORPORA = [
  'ravdess',
  'savee',
  'tess',
  'crema-d',
  'emodb',
  'nemo',
  'fer2013',
  'ferplus',
  'ckplus',
  'affectnet',
  'jaffe',
] as const

/** Name of a corpus. */
export type Corpus = (typeof CORPORA)[number]

/** What a sample is made of. */
export type Modality = 'audio' | 'image' | 'video'

/** How strongly an actor was asked to play; `unspecified` is CREMA-D's XX. */
export type Intensity = 'normal' | 'strong' | 'low' | 'medium' | 'high' | 'unspecified'

/** Side of a corpus's own split. */
export type SplitName = 'train' | 'validation' | 'test'

/** Probabilities of emotions, summing to 1; an emotion that is left out has probability 0. */
export type SoftLabel = Readonly<Partial<Record<CorpusEmotion, number>>>

/** Where the bytes of a sample are; see {@link Sample.bytes} for samples that live in memory. */
export interface SampleSource {
  readonly tree: FileTree
  /** `file`: the whole file. `pixels`: blank-separated grey values in `byteRange` of a csv. */
  readonly kind: 'file' | 'pixels'
}

/**
 * Key of the hidden reference from a sample to its files. A symbol, so that `JSON.stringify` and `structuredClone` leave it out;
 * a sample that went through one of them is read after `attachSource`.
 */
export const SOURCE: unique symbol = Symbol.for('@emo/datasets/source') as never

/** One recording or picture of a corpus. Fields that the corpus says nothing about are absent. */
export interface Sample {
  readonly corpus: Corpus
  /** Unique within the corpus, the same on every machine and in every file order. */
  readonly id: string
  readonly modality: Modality
  /** Path below the folder that was opened, with `/`. */
  readonly path: string
  /** Emotion in the unified label space; `undefined` when the corpus's label has no counterpart. */
  readonly emotion: CorpusEmotion | undefined
  /** The corpus's own label, spelled as the corpus spells it. */
  readonly corpusLabel: string
  /** Numeric label 1 to 8 of the published system; `undefined` when it has none. */
  readonly paperLabel: PaperLabel | undefined
  /** Speaker, actor or subject, spelled as the corpus spells it; unique within the corpus only. */
  readonly speaker?: string
  readonly sex?: 'female' | 'male'
  /** Age in years. */
  readonly age?: number
  readonly intensity?: Intensity
  /** Identifier of the sentence or word, as the corpus spells it. */
  readonly sentence?: string
  /** What is said. */
  readonly text?: string
  /** Number of the take or repetition, from 1. */
  readonly take?: number
  /** RAVDESS: spoken or sung. */
  readonly vocalChannel?: 'speech' | 'song'
  /** Same for files that show the same take, e.g. RAVDESS audio-only and video of one performance. */
  readonly recording?: string
  /** Side of the corpus's own split. FER2013: Training, PublicTest, PrivateTest. */
  readonly officialSplit?: SplitName
  /** Row number in the corpus's own table, from 0. */
  readonly row?: number
  /** FERPlus / CREMA-D: number of people who chose each option, in the corpus's own order. */
  readonly votes?: Readonly<Record<string, number>>
  /** Label distribution from the votes. */
  readonly softLabel?: SoftLabel
  /** AffectNet, from -1 (negative) to 1 (positive). */
  readonly valence?: number
  /** AffectNet, from -1 (calm) to 1 (excited). */
  readonly arousal?: number
  /** CK+: paths of all frames of the sequence, neutral first, peak last. */
  readonly frames?: readonly string[]
  /** Hash of the content (bytes of a recording, grey pixels of an image), where the loader had to compute it. */
  readonly contentHash?: string
  /** Same for samples whose content is identical: their `contentHash`. Absent where there is no second one. */
  readonly duplicateGroup?: string
  /** Identical to a sample of the corpus's own test or validation side: leave out of training. */
  readonly alsoInTest?: boolean
  /** On the corpus's own test or validation side, and identical to a training sample. */
  readonly alsoInTrain?: boolean
  /** Its label is in doubt: samples with identical content bear another label. */
  readonly ambiguous?: boolean
  /** `[start, end)` within the file, for corpora that keep many samples in one file. */
  readonly byteRange?: readonly [start: number, end: number]
  /** The encoded bytes, for samples without a file. */
  readonly bytes?: Uint8Array
  readonly [SOURCE]?: SampleSource
}

/** While a loader works on it. */
export type Draft = { -readonly [K in keyof Sample]: Sample[K] }

/** Why a file or row is not a sample, or is one with a caveat. */
export type ProblemCode =
  /** The file name does not fit the corpus's scheme. */
  | 'UNKNOWN_NAME'
  /** The file has no bytes. */
  | 'EMPTY_FILE'
  /** The file is damaged or not of the type its name says. */
  | 'UNDECODABLE'
  /** The file or folder cannot be read. */
  | 'UNREADABLE'
  /** Two or more samples have identical content, or a link leads to a folder that is walked already. */
  | 'DUPLICATE'
  /** Two sources of one label disagree. */
  | 'LABEL_CONFLICT'
  /** A row has too few columns. */
  | 'SHORT_ROW'
  /** A row holds a value that cannot be. */
  | 'BAD_ROW'
  /** A table names a file that is not there. */
  | 'MISSING_FILE'
  /** A file has no label where the corpus should give one. */
  | 'MISSING_LABEL'
  /** Fewer samples than the corpus is published with. */
  | 'INCOMPLETE'
  /** Too few speakers to test on. */
  | 'FEW_SPEAKERS'
  /** A symbolic link leads back to a folder above it. */
  | 'LINK_LOOP'
  /** A link or table entry leads outside the folder; refused. */
  | 'OUTSIDE_FOLDER'

/** Something about a corpus that its user should know. */
export interface Problem {
  readonly code: ProblemCode
  /** Path below the folder that was opened, with `/`; rows of a table as `table.csv:LINE`. */
  readonly path: string
  /** What is wrong, for people. */
  readonly reason: string
  /** The other files concerned. */
  readonly others?: readonly string[]
}

/** An opened corpus. */
export interface Dataset {
  readonly corpus: Corpus
  /** What was opened, for messages. */
  readonly name: string
  /** Sorted by {@link Sample.id}. */
  readonly samples: readonly Sample[]
  readonly problems: readonly Problem[]
  /** Files that are no part of the corpus (licence texts, other media), as paths. */
  readonly ignored: readonly string[]
}
