export { EmoError, EmoRangeError } from '@emo/errors'
export {
  CORPUS_EMOTIONS,
  EMOTIONS,
  EXTRA_EMOTIONS,
  fromPaperLabel,
  isCorpusEmotion,
  isEmotion,
  toPaperLabel,
  type CorpusEmotion,
  type Emotion,
  type PaperLabel,
} from './emotions.ts'
export {
  CORPORA,
  type Corpus,
  type Dataset,
  type Intensity,
  type Modality,
  type Problem,
  type ProblemCode,
  type Sample,
  type SampleSource,
  type SoftLabel,
  type SplitName,
} from './sample.ts'
export type { BlobLike, DirectoryHandleLike, FileHandleLike, FileLike } from './files/browserFileTree.ts'
export type { FileTree, TreeEntry } from './files/fileTree.ts'
export { openFileTree, type FolderLike } from './files/openFileTree.ts'
export type { Parsed } from './corpora/datasetBuilder.ts'
export { openAffectNet } from './corpora/affectNet.ts'
export { openCkPlus, parseCkPlusName, formatCkPlusName, type CkPlusName } from './corpora/ckPlus.ts'
export { openCremaD, parseCremaDName, formatCremaDName, type CremaDName } from './corpora/cremaD.ts'
export { openDataset, recogniseCorpus } from './corpora/openDataset.ts'
export { openJaffe, parseJaffeName, formatJaffeName, type JaffeName } from './corpora/jaffe.ts'
export { openNemo, parseNemoName, formatNemoName, type NemoName } from './corpora/nemo.ts'
export { openTess, parseTessName, formatTessName, type TessName } from './corpora/tess.ts'
export { openEmoDb, parseEmoDbName, formatEmoDbName, type EmoDbName } from './corpora/emoDb.ts'
export { openFer2013 } from './corpora/fer2013.ts'
export { openFerPlus } from './corpora/ferPlus.ts'
export { FER_PLUS_OPTIONS, ferPlusMajority, ferPlusSoftLabel, type FerPlusOption } from './corpora/ferPlusVotes.ts'
export { openRavdess, parseRavdessName, formatRavdessName, RAVDESS_FOLDS, type RavdessName } from './corpora/ravdess.ts'
export { openSavee, parseSaveePath, formatSaveeName, type SaveeName } from './corpora/savee.ts'
export { decodeAudio, type DecodeAudioOptions, type DecodedAudio } from './reading/decodeAudio.ts'
export { decodeImage, type DecodedImage, type DecodeImageOptions } from './reading/decodeImage.ts'
export {
  attachSource,
  mixToMono,
  readAudio,
  readBytes,
  readImage,
  type MonoAudio,
  type ReadAudioOptions,
  type ReadImageOptions,
  type Resample,
} from './reading/readSample.ts'
export { sniffType, type FileType } from './reading/sniffType.ts'
export { readBatches, type Batch, type ReadBatchesOptions } from './reading/readBatches.ts'
export { trainingView, TrainingView, type Augmentation, type AugmentationContext } from './reading/trainingView.ts'
export { toSize, type ImageSize } from './reading/resizeImage.ts'
export { assertNoLeak, findLeaks, LeakError, type Leak } from './splits/assertNoLeak.ts'
export { crossCorpusSplit, type CrossCorpusOptions } from './splits/crossCorpusSplit.ts'
export { groupSplit, type GroupSplitOptions } from './splits/groupSplit.ts'
export { leaveOneGroupOut } from './splits/leaveOneGroupOut.ts'
export { groupKFold, type GroupKFoldOptions } from './splits/groupKFold.ts'
export type { Group, GroupBy } from './splits/groups.ts'
export type { LeakKind } from './splits/leakKeys.ts'
export { officialSplit, type OfficialSplitOptions } from './splits/officialSplit.ts'
export type { Exclusion, Split, SplitProtocol } from './splits/split.ts'
export { unsafeRandomSplit, type RandomSplitOptions } from './splits/unsafeRandomSplit.ts'
export { formatSummary, type FormatSummaryOptions } from './formatSummary.ts'
export { inspectDataset, type DatasetSummary, type DurationSummary, type InspectOptions } from './inspectDataset.ts'
