import type { Emotion } from '../emotions.ts'
import { baseName } from '../files/fileTree.ts'
import { openFileTree, type FolderLike } from '../files/openFileTree.ts'
import { readTable } from '../files/readTable.ts'
import type { Dataset, Draft, Intensity, SoftLabel } from '../sample.ts'
import { DatasetBuilder, withoutExtension, type Parsed } from './datasetBuilder.ts'
import { readName, writeName } from './names.ts'

/** The fields of a CREMA-D file name. */
export interface CremaDName {
  /** 1001 to 1091. */
  readonly actor: number
  /** `IEO`, `TIE`, `IOM`, `IWW`, `TAI`, `MTI`, `IWL`, `ITH`, `DFA`, `ITS`, `TSI` or `WSI`. */
  readonly sentence: string
  readonly emotion: Emotion
  readonly level: 'low' | 'medium' | 'high' | 'unspecified'
}

const SENTENCES: Readonly<Record<string, string>> = {
  IEO: "It's eleven o'clock",
  TIE: 'That is exactly what happened',
  IOM: "I'm on my way to the meeting",
  IWW: 'I wonder what this is about',
  TAI: 'The airplane is almost full',
  MTI: 'Maybe tomorrow it will be cold',
  IWL: 'I would like a new alarm clock',
  ITH: "I think I have a doctor's appointment",
  DFA: "Don't forget a jacket",
  ITS: "I think I've seen this before",
  TSI: 'The surface is slick',
  WSI: "We'll stop in a couple of minutes",
}
const EMOTIONS = { ANG: 'anger', DIS: 'disgust', FEA: 'fear', HAP: 'happiness', NEU: 'neutral', SAD: 'sadness' } as const
const LEVELS = { LO: 'low', MD: 'medium', HI: 'high', XX: 'unspecified' } as const
/** Letters of the raters' six options. */
const VOTES = { A: 'anger', D: 'disgust', F: 'fear', H: 'happiness', N: 'neutral', S: 'sadness' } as const

/**
 * Reads a CREMA-D file name such as `1001_DFA_ANG_XX.wav`, with or without extension. One published file is called `1040_ITH_SAD_X`;
 * its level is XX.
 */
export function parseCremaDName(name: string): Parsed<CremaDName> {
  return readName(name, readCremaDName)
}

function readCremaDName(name: string): Parsed<CremaDName> {
  const match = /^(\d{4})_([A-Z]{3})_([A-Z]{3})_([A-Z]{1,2})$/.exec(withoutExtension(name))
  if (match === null) return { reason: 'not ACTOR_SENTENCE_EMOTION_LEVEL' }
  const [, actor, sentence, code, level] = match
  if (Number(actor) < 1001 || Number(actor) > 1091) return { reason: `actor ${actor} is not within 1001 to 1091` }
  if (!Object.hasOwn(SENTENCES, sentence)) return { reason: `sentence ${sentence} is none of ${Object.keys(SENTENCES).join(', ')}` }
  if (!Object.hasOwn(EMOTIONS, code)) return { reason: `emotion ${code} is none of ${Object.keys(EMOTIONS).join(', ')}` }
  const full = level === 'X' ? 'XX' : level
  if (!Object.hasOwn(LEVELS, full)) return { reason: `level ${level} is none of ${Object.keys(LEVELS).join(', ')}` }
  return {
    fields: {
      actor: Number(actor),
      sentence,
      emotion: EMOTIONS[code as keyof typeof EMOTIONS],
      level: LEVELS[full as keyof typeof LEVELS],
    },
  }
}

/**
 * Writes a CREMA-D file name, without extension.
 *
 * @throws EmoError `NAME_FIELDS_EXPECTED`; EmoRangeError `NAME_FIELD_RANGE` for a field that such names have no place for
 */
export function formatCremaDName(fields: CremaDName): string {
  return writeName(fields, writeCremaDName, parseCremaDName)
}

function writeCremaDName(fields: CremaDName): string {
  return [fields.actor, fields.sentence, keyOf(EMOTIONS, fields.emotion), keyOf(LEVELS, fields.level)].join('_')
}

function keyOf(map: Readonly<Record<string, string>>, value: string): string {
  return Object.keys(map).find((key) => map[key] === value) ?? value
}

/**
 * Opens CREMA-D (Cao et al. 2014): 91 actors, six emotions, four levels, in `AudioWAV`; with `VideoDemographics.csv` for sex and age and
 * `processedResults/tabulatedVotes.csv` for what listeners heard: `votes` counts the voice-only ratings, `softLabel` their shares.
 *
 * `emotion` is what the actor was asked to play. Videos (`VideoFlash/*.flv`) are samples of modality `video`; `recording` joins them to the sound.
 *
 * @throws EmoError `FILE_NOT_FOUND`, `FILE_PERMISSION`, `NOT_A_FOLDER`, `FILES_NEED_NODE`, `CORPUS_NOT_FOUND` where nothing is of this corpus
 */
export async function openCremaD(folder: FolderLike): Promise<Dataset> {
  const builder = new DatasetBuilder('crema-d', await openFileTree(folder))
  await builder.visitFiles(['wav', 'flac', 'mp3', 'ogg', 'opus', 'flv', 'mp4'], (path) => {
    const parsed = parseCremaDName(baseName(path))
    if ('reason' in parsed) return parsed.reason
    const { actor, sentence, emotion, level } = parsed.fields
    builder.add(path, {
      modality: /\.(?:flv|mp4)$/i.test(path) ? 'video' : 'audio',
      emotion,
      corpusLabel: keyOf(EMOTIONS, emotion),
      speaker: String(actor),
      intensity: level satisfies Intensity,
      sentence,
      text: SENTENCES[sentence],
      recording: writeCremaDName(parsed.fields),
    })
    return undefined
  })
  await builder.checkFiles()
  await builder.joinTable('VideoDemographics.csv', (path) => addDemographics(builder, path))
  await builder.joinTable('processedResults/tabulatedVotes.csv', (path) => addVotes(builder, path))
  const clips = new Set(builder.drafts.filter((draft) => draft.modality === 'audio').map((draft) => draft.recording)).size
  builder.expect('clips', clips, 7442)
  return builder.finish()
}

async function addDemographics(builder: DatasetBuilder, path: string): Promise<void> {
  const people = new Map<string, Pick<Draft, 'sex' | 'age'>>()
  for await (const { line, get } of (await readTable(builder.tree, path)).rows) {
    const sex = get('Sex').toLowerCase()
    const age = Number(get('Age'))
    if (!/^\d{4}$/.test(get('ActorID')) || (sex !== 'male' && sex !== 'female') || !Number.isInteger(age) || age <= 0) {
      builder.problem('BAD_ROW', `${path}:${line}`, `ActorID "${get('ActorID')}", Sex "${get('Sex')}", Age "${get('Age')}"`)
    } else people.set(get('ActorID'), { sex, age })
  }
  for (const draft of builder.drafts) Object.assign(draft, people.get(draft.speaker ?? ''))
}

async function addVotes(builder: DatasetBuilder, path: string): Promise<void> {
  const byRecording = new Map<string, { votes: Record<string, number>; softLabel: SoftLabel }>()
  for await (const { line, columns, get } of (await readTable(builder.tree, path)).rows) {
    // Numbers from 100001 on are the voice-only ratings, 200001 the face, 300001 both.
    if (!get('').startsWith('1')) continue
    const parsed = parseCremaDName(get('fileName'))
    const counts = Object.entries(VOTES).map(([letter, emotion]) => [emotion, Number(get(letter))] as const)
    const total = counts.reduce((sum, [, count]) => sum + count, 0)
    if ('reason' in parsed || columns < 8 || !Number.isInteger(total)) {
      builder.problem('BAD_ROW', `${path}:${line}`, 'reason' in parsed ? parsed.reason : 'votes that are no whole numbers')
    } else if (total > 0) {
      const cast = counts.filter(([, count]) => count > 0)
      byRecording.set(writeCremaDName(parsed.fields), {
        votes: Object.fromEntries(cast),
        softLabel: Object.fromEntries(cast.map(([emotion, count]) => [emotion, count / total])),
      })
    }
  }
  for (const draft of builder.drafts) if (draft.modality === 'audio') Object.assign(draft, byRecording.get(draft.recording ?? ''))
}
