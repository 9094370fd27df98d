import type { Corpus, Dataset, Sample, SplitName } from '@emo/datasets'
import { EmoError } from '@emo/errors'
import { evaluateAnswers, type Evaluation, type JudgedSample } from '../evaluation.ts'
import type { EmotionScores } from '../prediction.ts'
import { isCrop, largestFirst, type DecodedAudio, type DecodedImage, type FacePredictor, type SpeechPredictor } from '../predictor.ts'
import { corpusLosses } from './corpusLosses.ts'
import { chooseSamples } from './chooseSamples.ts'
import { evaluationTable } from './evaluationTable.ts'
import { describeFailure, formatFailure, type FileFailure } from './fileFailure.ts'
import { openCorpus } from './openCorpus.ts'
import { predictorSources } from './predictorSources.ts'
import { createProgressLine } from './progressLine.ts'
import { trainedOn } from './trainedOn.ts'

/** Options of `emo evaluate`, as parsed. */
export interface EvaluateCommandOptions {
  readonly dataset: Corpus
  readonly data: string
  readonly split?: SplitName | 'all'
  readonly limit?: number
  readonly crops?: boolean
  readonly mirrored?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
}

/** Corpora whose pictures are faces already cut out, whatever their size: a detector would only lose some. */
const FACE_CROPS: readonly Corpus[] = ['fer2013', 'ferplus', 'affectnet']

/** Runs `emo evaluate`; returns the exit status. */
export async function evaluateCommand(options: EvaluateCommandOptions): Promise<number> {
  const dataset = await openCorpus(options.dataset, options.data)
  const { split, samples, emotions } = chooseSamples(dataset, options)
  const losses = corpusLosses(dataset.problems)
  for (const loss of losses) console.error(formatFailure(loss))
  const judge = await createJudge(samples[0].modality, options)
  const progress = createProgressLine(samples.length, process.stderr, options.quiet ?? false)
  const judged: JudgedSample[] = []
  const failures: FileFailure[] = []
  const started = performance.now()
  for (const [index, sample] of samples.entries()) {
    try {
      judged.push({ truth: sample.emotion!, scores: await judge.scores(sample), alsoInTrain: sample.alsoInTrain })
    } catch (error) {
      const failure = describeFailure(sample.path, error)
      failures.push(failure)
      progress.clear()
      console.error(formatFailure(failure))
    }
    progress.update(index + 1)
  }
  progress.clear()
  const seconds = (performance.now() - started) / 1000
  if (judged.length === 0) throw new EmoError('EVALUATION_EMPTY', `not one sample of ${options.data} could be read`)

  const evaluation = evaluateAnswers(judged, judge.emotions, emotions)
  const report = {
    dataset: options.dataset,
    data: options.data,
    split,
    modality: judge.modality,
    samples: samples.length,
    trainedOn: trainedOn(judge.trainedOn, options.dataset, samples),
    ...evaluation,
    uar: evaluation.unweightedAverageRecall,
    failed: failures,
    problems: countProblems(dataset),
    seconds: Math.round(seconds * 10) / 10,
    millisecondsPerSample: Math.round((100_000 * seconds) / samples.length) / 100,
  }
  console.log(options.json ? JSON.stringify(report, rounded, 2) : evaluationTable(report))
  return failures.length + losses.length > 0 ? 1 : 0
}

/** What `emo evaluate` reports. */
export interface EvaluationReport extends Evaluation {
  readonly dataset: Corpus
  readonly split: SplitName | 'all'
  readonly modality: 'speech' | 'face'
  readonly samples: number
  /** Whether the model was trained on samples of this corpus and side: the figures say nothing about people that it has not met. */
  readonly trainedOn: boolean
  readonly failed: readonly FileFailure[]
  readonly seconds: number
  readonly millisecondsPerSample: number
}

interface Judge {
  readonly modality: 'speech' | 'face'
  readonly emotions: JudgedSample['truth'][]
  /** What the model's card calls the corpora that it was trained on. */
  readonly trainedOn: readonly string[]
  /** Nothing where there is no voice. */
  scores(sample: Sample): Promise<EmotionScores | undefined>
}

async function createJudge(modality: Sample['modality'], options: EvaluateCommandOptions): Promise<Judge> {
  const { readAudio, readImage } = await import('@emo/datasets')
  if (modality === 'audio') {
    const speech = await predictorSources.loadSpeechModel()
    return {
      modality: 'speech',
      emotions: emotionsOf(speech.predict(voiceProbe())),
      trainedOn: speech.card.training.corpora.map(({ name }) => name),
      scores: async (sample) => judgeVoice(speech, await readAudio(sample)),
    }
  }
  const face = await predictorSources.loadFaceModel({ mirrored: options.mirrored })
  const probe = face.predict({ data: new Uint8Array(48 * 48).map((_, i) => i & 255), width: 48, height: 48, channels: 1 })
  const crops = options.crops ?? (FACE_CROPS.includes(options.dataset) || undefined)
  return {
    modality: 'face',
    emotions: emotionsOf(probe),
    trainedOn: [face.card.training.corpus],
    scores: async (sample) => judgeFace(face, await readImage(sample), crops),
  }
}

function judgeVoice(speech: SpeechPredictor, audio: DecodedAudio): EmotionScores | undefined {
  const { emotion, scores } = speech.predict(audio)
  return emotion === null ? undefined : scores
}

/** The largest face; where the detector finds none, the whole picture, as these corpora show one face each. */
async function judgeFace(face: FacePredictor, image: DecodedImage, crops: boolean | undefined): Promise<EmotionScores> {
  const found = isCrop(image, crops) ? undefined : largestFirst(await face.detect(image)).at(0)
  return (found ?? (await face.predict(image))).scores
}

/** Any second of sound: only the names of the scores matter. */
function voiceProbe(): DecodedAudio {
  return { samples: Float32Array.from({ length: 16_000 }, (_, i) => 0.1 * Math.sin(i / 20)), sampleRate: 16_000 }
}

function emotionsOf({ scores }: { readonly scores: EmotionScores }): JudgedSample['truth'][] {
  return Object.keys(scores) as JudgedSample['truth'][]
}

function countProblems({ problems }: Dataset): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { code } of problems) counts[code] = (counts[code] ?? 0) + 1
  return counts
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1e6) / 1e6 : value
}
