import type { CorpusEmotion } from '../emotions.ts'
import { baseName, parentName } from '../files/fileTree.ts'
import { openFileTree, type FolderLike } from '../files/openFileTree.ts'
import type { Dataset } from '../sample.ts'
import { append, compare, DatasetBuilder, withoutExtension, type Parsed } from './datasetBuilder.ts'
import { readName, writeName } from './names.ts'

/** The fields of a CK+ file name. */
export interface CkPlusName {
  /** `S` and three digits. */
  readonly subject: string
  /** Three digits. */
  readonly sequence: string
  /** Number of the frame within the sequence. */
  readonly frame: number
}

/** Emotion numbers of CK+, in order. */
const EMOTIONS: readonly { readonly label: string; readonly emotion: CorpusEmotion }[] = [
  { label: 'neutral', emotion: 'neutral' },
  { label: 'anger', emotion: 'anger' },
  { label: 'contempt', emotion: 'contempt' },
  { label: 'disgust', emotion: 'disgust' },
  { label: 'fear', emotion: 'fear' },
  { label: 'happy', emotion: 'happiness' },
  { label: 'sadness', emotion: 'sadness' },
  { label: 'surprise', emotion: 'surprise' },
]

/** Reads a CK+ file name such as `S005_001_00000011.png`, with or without extension. */
export function parseCkPlusName(name: string): Parsed<CkPlusName> {
  return readName(name, readCkPlusName)
}

function readCkPlusName(name: string): Parsed<CkPlusName> {
  const match = /^(S\d{3})_(\d{3})_(\d{8})$/.exec(withoutExtension(name))
  if (match === null) return { reason: 'not SUBJECT_SEQUENCE_FRAME, e.g. S005_001_00000011' }
  return { fields: { subject: match[1], sequence: match[2], frame: Number(match[3]) } }
}

/**
 * Writes a CK+ file name, without extension.
 *
 * @throws EmoError `NAME_FIELDS_EXPECTED`; EmoRangeError `NAME_FIELD_RANGE` for a field that such names have no place for
 */
export function formatCkPlusName(fields: CkPlusName): string {
  return writeName(fields, writeCkPlusName, parseCkPlusName)
}

function writeCkPlusName(fields: CkPlusName): string {
  return `${fields.subject}_${fields.sequence}_${String(fields.frame).padStart(8, '0')}`
}

/** What CK+ is published with. */
const SEQUENCES = 593
const EMOTION_FILES = 327
const CK48_PICTURES = 981

interface Frame {
  readonly path: string
  readonly frame: number
}

/** What an emotion file says, and of which frame. */
interface PeakLabel extends Frame {
  readonly known: (typeof EMOTIONS)[number]
}

/**
 * Opens CK+ (Lucey et al. 2010), as published (`cohn-kanade-images/S005/001/*.png` with `Emotion/S005/001/*_emotion.txt`) or as the folders of
 * CK+48 (`anger/S010_004_00000017.png`).
 *
 * As published, every sequence gives two samples: its first frame, `neutral`, and its last one, the peak, with the emotion of its file;
 * the peak of a sequence without such a file has the label `unlabelled` and `emotion` undefined. `frames` of the peak lists the whole sequence.
 * Of a sequence copied in part, a frame that is not the first has no label, nor has one that the emotion file does not name.
 *
 * @throws EmoError `FILE_NOT_FOUND`, `FILE_PERMISSION`, `NOT_A_FOLDER`, `FILES_NEED_NODE`, `CORPUS_NOT_FOUND` where nothing is of this corpus
 */
export async function openCkPlus(folder: FolderLike): Promise<Dataset> {
  const tree = await openFileTree(folder)
  const builder = new DatasetBuilder('ckplus', tree)
  const sequences = new Map<string, Frame[]>()
  const labelFiles = new Map<string, Frame>()
  for await (const batch of builder.walk()) {
    for (const path of batch) {
      const name = baseName(path)
      const label = /^(S\d{3}_\d{3})_(\d{8})_emotion\.txt$/.exec(name)
      if (label !== null) labelFiles.set(label[1], { path, frame: Number(label[2]) })
      else if (!/\.(?:png|jpe?g|tiff?)$/i.test(name)) builder.ignored.push(path)
      else {
        const parsed = parseCkPlusName(name)
        const folderName = parentName(path).toLowerCase()
        const known = EMOTIONS.find(({ label: own, emotion }) => own === folderName || emotion === folderName)
        if ('reason' in parsed) builder.problem('UNKNOWN_NAME', path, parsed.reason)
        else if (known !== undefined) {
          const { subject, sequence, frame } = parsed.fields
          builder.add(path, {
            modality: 'image',
            emotion: known.emotion,
            corpusLabel: known.label,
            speaker: subject,
            recording: `${subject}_${sequence}`,
            take: frame,
          })
        } else append(sequences, `${parsed.fields.subject}_${parsed.fields.sequence}`, { path, frame: parsed.fields.frame })
      }
    }
  }
  const labels = await readLabels(builder, labelFiles)
  for (const [key, frames] of sequences) addSequence(builder, key, frames, labels.get(key))
  if (sequences.size > 0 && labelFiles.size === 0)
    builder.problem('MISSING_LABEL', 'Emotion', 'there are no emotion files (*_emotion.txt): no peak has a label')
  if (sequences.size === 0) builder.expect('pictures of CK+48', builder.drafts.length, CK48_PICTURES)
  builder.expect('sequences', sequences.size, SEQUENCES)
  builder.expect('emotion files', labelFiles.size, EMOTION_FILES)
  for (const [key, { path }] of labelFiles)
    if (!sequences.has(key)) builder.problem('MISSING_FILE', path, `there are no pictures of sequence ${key}`)
  await builder.checkFiles()
  return builder.finish()
}

/** Emotion files hold one number, such as `   3.0000000e+00`. */
async function readLabels(builder: DatasetBuilder, files: ReadonlyMap<string, Frame>): Promise<Map<string, PeakLabel>> {
  const labels = new Map<string, PeakLabel>()
  const entries = [...files]
  const contents = await builder.tree.readMany(
    entries.map(([, { path }]) => path),
    64,
  )
  entries.forEach(([key, { path, frame }], i) => {
    const text = contents[i] === undefined ? '' : new TextDecoder().decode(contents[i]).trim()
    const known = text === '' ? undefined : EMOTIONS[Number(text)]
    if (known === undefined) builder.problem('BAD_ROW', path, `"${text.slice(0, 20)}" is no emotion number from 0 to 7`)
    else labels.set(key, { known, path, frame })
  })
  return labels
}

function addSequence(builder: DatasetBuilder, key: string, frames: Frame[], label: PeakLabel | undefined): void {
  frames.sort((a, b) => a.frame - b.frame || compare(a.path, b.path))
  const first = frames[0]
  const last = frames[frames.length - 1]
  const peak = label === undefined ? last : frames.find(({ frame }) => frame === label.frame)
  const common = { modality: 'image' as const, speaker: key.slice(0, 4), recording: key }
  builder.expect(
    `frames of sequence ${key}`,
    new Set(frames.map(({ frame }) => frame)).size,
    Math.max(last.frame, label?.frame ?? 0),
    first.path,
  )
  if (label !== undefined && peak === undefined)
    builder.problem('MISSING_FILE', label.path, `there is no frame ${label.frame} of sequence ${key}`)
  if (first.frame === 1 && first !== peak) {
    builder.add(first.path, { ...common, emotion: 'neutral', corpusLabel: 'neutral', take: first.frame })
  }
  const { path, frame } = peak ?? last
  if (path === first.path && first.frame === 1 && peak === undefined) return
  builder.add(path, {
    ...common,
    emotion: peak && label?.known.emotion,
    corpusLabel: (peak && label?.known.label) ?? 'unlabelled',
    take: frame,
    frames: frames.map((one) => one.path),
  })
}
