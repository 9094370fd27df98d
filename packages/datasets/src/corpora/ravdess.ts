import type { Emotion } from '../emotions.ts'
import { baseName, extension, parentName } from '../files/fileTree.ts'
import { openFileTree, type FolderLike } from '../files/openFileTree.ts'
import type { Dataset, Modality } from '../sample.ts'
import { append, DatasetBuilder, withoutExtension, type Parsed } from './datasetBuilder.ts'
import { readName, writeName } from './names.ts'

/** The seven fields of a RAVDESS file name. */
export interface RavdessName {
  /** `full-av` has picture and sound. */
  readonly modality: 'full-av' | 'video-only' | 'audio-only'
  readonly vocalChannel: 'speech' | 'song'
  readonly emotion: Emotion
  readonly intensity: 'normal' | 'strong'
  /** 1 "Kids are talking by the door", 2 "Dogs are sitting by the door". */
  readonly statement: 1 | 2
  readonly repetition: 1 | 2
  /** 1 to 24; odd numbers are men, even ones women. */
  readonly actor: number
}

const MODALITIES = ['full-av', 'video-only', 'audio-only'] as const
const CHANNELS = ['speech', 'song'] as const
const EMOTIONS = ['neutral', 'calm', 'happiness', 'sadness', 'anger', 'fear', 'disgust', 'surprise'] as const
const LABELS = ['neutral', 'calm', 'happy', 'sad', 'angry', 'fearful', 'disgust', 'surprised'] as const
const INTENSITIES = ['normal', 'strong'] as const
const STATEMENTS = ['Kids are talking by the door', 'Dogs are sitting by the door'] as const

/** Clips an actor is published with: 4 neutral and 8 of each of seven emotions; song leaves out disgust and surprise. */
const CLIPS_PER_ACTOR = { speech: 60, song: 44 } as const

/** The five speaker-independent test folds of RAVDESS's actors that ResLSTM-SER uses (arXiv 2606.03359). */
export const RAVDESS_FOLDS: readonly (readonly string[])[] = [
  ['02', '05', '14', '15', '16'],
  ['03', '06', '07', '13', '18'],
  ['10', '11', '12', '19', '20'],
  ['08', '17', '21', '23', '24'],
  ['01', '04', '09', '22'],
]

/** Reads a RAVDESS file name such as `03-01-06-01-02-01-12.wav`, with or without extension. */
export function parseRavdessName(name: string): Parsed<RavdessName> {
  return readName(name, readRavdessName)
}

function readRavdessName(name: string): Parsed<RavdessName> {
  const stem = withoutExtension(name)
  const match = /^(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)$/.exec(stem)
  if (match === null) return { reason: 'not seven two-digit numbers joined by hyphens' }
  const [modality, channel, emotion, intensity, statement, repetition, actor] = match.slice(1).map(Number)
  const outside = (what: string, value: number, most: number) => ({ reason: `${what} ${value} is not within 1 to ${most}` })
  if (!within(modality, 3)) return outside('modality', modality, 3)
  if (!within(channel, 2)) return outside('vocal channel', channel, 2)
  if (!within(emotion, 8)) return outside('emotion', emotion, 8)
  if (!within(intensity, 2)) return outside('intensity', intensity, 2)
  if (!within(statement, 2)) return outside('statement', statement, 2)
  if (!within(repetition, 2)) return outside('repetition', repetition, 2)
  if (!within(actor, 24)) return outside('actor', actor, 24)
  if (emotion === 1 && intensity === 2) return { reason: 'neutral has no strong intensity' }
  if (channel === 2 && emotion >= 7) return { reason: `song has no ${LABELS[emotion - 1]}` }
  const kind = extension(name)
  if (kind !== '' && (kind === 'mp4') !== modality <= 2) {
    return { reason: `modality ${MODALITIES[modality - 1]} is not kept as .${kind}` }
  }
  return {
    fields: {
      modality: MODALITIES[modality - 1],
      vocalChannel: CHANNELS[channel - 1],
      emotion: EMOTIONS[emotion - 1],
      intensity: INTENSITIES[intensity - 1],
      statement: statement as 1 | 2,
      repetition: repetition as 1 | 2,
      actor,
    },
  }
}

function within(value: number, most: number): boolean {
  return value >= 1 && value <= most
}

/**
 * Writes a RAVDESS file name, without extension.
 *
 * @throws EmoError `NAME_FIELDS_EXPECTED`; EmoRangeError `NAME_FIELD_RANGE` for a field that such names have no place for
 */
export function formatRavdessName(fields: RavdessName): string {
  return writeName(fields, writeRavdessName, parseRavdessName)
}

function writeRavdessName(fields: RavdessName): string {
  return [
    MODALITIES.indexOf(fields.modality) + 1,
    CHANNELS.indexOf(fields.vocalChannel) + 1,
    EMOTIONS.indexOf(fields.emotion) + 1,
    INTENSITIES.indexOf(fields.intensity) + 1,
    fields.statement,
    fields.repetition,
    fields.actor,
  ]
    .map((value) => String(value).padStart(2, '0'))
    .join('-')
}

/**
 * Opens RAVDESS (Livingstone and Russo 2018): speech and song, audio and video, in `Actor_NN` folders or flat.
 *
 * `corpusLabel` is the word of RAVDESS's documentation (`angry`, `fearful`, ...), `speaker` the two digits of the actor.
 *
 * @throws EmoError `FILE_NOT_FOUND`, `FILE_PERMISSION`, `NOT_A_FOLDER`, `FILES_NEED_NODE`, `CORPUS_NOT_FOUND` where nothing is of this corpus
 */
export async function openRavdess(folder: FolderLike): Promise<Dataset> {
  const builder = new DatasetBuilder('ravdess', await openFileTree(folder))
  await builder.visitFiles(['wav', 'mp4', 'flac', 'mp3', 'ogg', 'opus'], (path) => {
    const parsed = parseRavdessName(baseName(path))
    if ('reason' in parsed) return parsed.reason
    const { fields } = parsed
    const speaker = String(fields.actor).padStart(2, '0')
    const inFolder = /(?:^|_)actor_(\d+)$/i.exec(parentName(path))
    if (inFolder !== null && Number(inFolder[1]) !== fields.actor) {
      builder.problem('LABEL_CONFLICT', path, `the folder says actor ${inFolder[1]}, the name says ${speaker}; the name is taken`)
    }
    const modality: Modality = fields.modality === 'audio-only' ? 'audio' : 'video'
    builder.add(path, {
      modality,
      emotion: fields.emotion,
      corpusLabel: LABELS[EMOTIONS.indexOf(fields.emotion)],
      speaker,
      sex: fields.actor % 2 === 1 ? 'male' : 'female',
      intensity: fields.intensity,
      sentence: String(fields.statement).padStart(2, '0'),
      text: STATEMENTS[fields.statement - 1],
      take: fields.repetition,
      vocalChannel: fields.vocalChannel,
      recording: writeRavdessName(fields).slice(3),
    })
    return undefined
  })
  await builder.checkFiles()
  const perActor = new Map<string, string[]>()
  for (const { speaker, vocalChannel, modality, id } of builder.drafts) {
    if (modality === 'audio') append(perActor, `${vocalChannel} ${speaker}`, id)
  }
  for (const [key, ids] of perActor) {
    const [channel, actor] = key.split(' ') as ['speech' | 'song', string]
    builder.expect(`${channel} clips of actor ${actor}`, ids.length, CLIPS_PER_ACTOR[channel], `Actor_${actor}`)
  }
  const actors = new Set(builder.drafts.map((draft) => draft.speaker)).size
  builder.expect('actors', actors, 24)
  return builder.finish()
}
