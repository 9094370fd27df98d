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
export { toSize, type ImageSize } from './reading/resizeImage.ts'
export { assertNoLeak, findLeaks, LeakError, type Leak } from './splits/assertNoLeak.ts'
export { groupKFold, type GroupKFoldOptions } from './splits/groupKFold.ts'
export type { Group, GroupBy } from './splits/groups.ts'
export type { LeakKind } from './splits/leakKeys.ts'
export { officialSplit, type OfficialSplitOptions } from './splits/officialSplit.ts'
export type { Exclusion, Split, SplitProtocol } from './splits/split.ts'
export { unsafeRandomSplit, type RandomSplitOptions } from './splits/unsafeRandomSplit.ts'
