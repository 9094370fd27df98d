import { readFile, writeFile, mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { EMOTIONS, readAudio, type Emotion, type Sample } from '@emo/datasets'
import { EmoError } from '@emo/errors'
import { loadModel, type tf } from '@emo/runtime'
import { savedModel, saveModel } from '@emo/runtime/node'
import { registerSpeechLayers } from '../src/layers/registerSpeechLayers.ts'
import type { SpeechModelCard } from '../src/modelCard.ts'
import { checkMetadata, type SpeechModelMetadata } from '../src/modelMetadata.ts'
import { SpeechEmotionModel } from '../src/speechEmotionModel.ts'
import { cardFacts, cardMarkdown } from './cardText.ts'
import { openCorpus } from './corpora.ts'
import { spread } from './evaluation.ts'
import { presets, type PresetName, type SpeechPreset } from './presets.ts'
import type { RunSummary } from './runReport.ts'
import {
  evaluateSavee,
  measureLatency,
  inRoom,
  predictInRoom,
  predictShortWindows,
  roomNoiseDb,
  summariseAnswers,
  type LabelledAnswer,
  type LabelledRecording,
} from './servingEvaluation.ts'
import { actorFold, foldCount } from './splits.ts'
import { readResult } from './trainRun.ts'

const usage = `Usage: npx nx run speech-model:release --data DIR [options]

Puts a trained network into the package: measures it through predict (SAVEE, windows of 0.8 s, time), and writes
weights/NAME/{model.json, weights.bin, card.json, MODEL_CARD.md}. Temperature, threshold and the figures for unknown actors come from
the speaker-independent folds of the same preset, which must have been run.

  --data DIR      folder that holds ravdess/ and savee/
  --weights NAME  default (preset portable) or paper (preset paper)
  --seed N        which final run to take (default 1)
  --shipped       take network, calibration and the folds' figures from the package and measure the rest anew: after a change of what serving does
  --out DIR       where train put its runs (default ~/.cache/emo/speech)
  --help
`

const sources = { default: 'portable', paper: 'paper' } as const satisfies Record<string, PresetName>

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      data: { type: 'string' },
      weights: { type: 'string', default: 'default' },
      seed: { type: 'string', default: '1' },
      shipped: { type: 'boolean', default: false },
      out: { type: 'string', default: join(homedir(), '.cache', 'emo', 'speech') },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(usage)
    return
  }
  const name = values.weights as keyof typeof sources
  if (values.data === undefined) throw new EmoError('USAGE', '--data is missing: give the folder that holds the corpora')
  if (!(name in sources)) throw new EmoError('USAGE', `--weights ${values.weights}: give default or paper`)
  const preset: SpeechPreset = presets[sources[name]]
  const directory = fileURLToPath(new URL(`../weights/${name}/`, import.meta.url))
  registerSpeechLayers()
  const { network, known, figures, commands, seed } = values.shipped
    ? await takeShipped(directory)
    : await takeTrained(name, preset, resolve(values.out), values.seed)
  const ravdess = (await openCorpus(values.data, 'ravdess')).samples
  const savee = (await openCorpus(values.data, 'savee')).samples
  const metadata: SpeechModelMetadata = {
    features: preset.features,
    statistics: known.statistics,
    views: preset.views,
    temperature: known.temperature,
    uncertainBelow: known.uncertainBelow,
    emotions: EMOTIONS,
    card: { ...cardFacts(name, network.countParams(), seed), evaluation: { commands: [] } },
  }
  await mkdir(directory, { recursive: true })
  await saveModel(network, directory, { metadata: { speech: metadata } })

  // What is measured is what was written, float16 and all.
  const model = await SpeechEmotionModel.load({ weights: savedModel(directory) })
  const recordings: LabelledRecording[] = []
  for (const sample of savee) recordings.push({ emotion: sample.emotion as Emotion, ...(await readAudio(sample)) })
  const noisy = recordings.map((recording, i) => inRoom(recording, savee[i].id))
  const { foldAccuracy4, ofNoise, ...ofFolds } = await figures(metadata, { clean: recordings, noisy }, ravdess)
  const { accuracy4, uar7, noSpeech } = evaluateSavee(model, noisy)
  const evaluation: SpeechModelCard['evaluation'] = {
    ...ofFolds,
    savee: { ...evaluateSavee(model, recordings), ...(foldAccuracy4 && { foldAccuracy4 }) },
    noise: { belowDb: roomNoiseDb, accuracy4, uar7, noSpeech, ...ofNoise },
    latency: measureLatency(model, await readAudio(ravdess[0])),
    commands: [...commands, `npx nx run speech-model:release --data DIR --weights ${name}${values.shipped ? ' --shipped' : ''}`],
  }
  model.dispose()
  const card: SpeechModelCard = { ...metadata.card, evaluation }
  await saveModel(network, directory, { metadata: { speech: { ...metadata, card } } })
  await writeFile(join(directory, 'card.json'), `${JSON.stringify(card, null, 2)}\n`)
  const markdown = cardMarkdown(name, card)
  await writeFile(join(directory, 'MODEL_CARD.md'), markdown)
  process.stdout.write(markdown)
}

type Evaluation = SpeechModelCard['evaluation']

/** SAVEE as it is and as a room would have it. */
interface SaveeRecordings {
  readonly clean: readonly LabelledRecording[]
  readonly noisy: readonly LabelledRecording[]
}

/** What the folds' networks tell beyond their run's report. */
interface FoldFigures extends Pick<Evaluation, 'shortWindows'> {
  readonly foldAccuracy4: readonly number[]
  readonly ofNoise: Pick<NonNullable<Evaluation['noise']>, 'ravdessUar' | 'foldAccuracy4'>
}

/** A network to put into the package, and what is known about it. */
interface Source {
  readonly network: tf.LayersModel
  readonly known: Pick<SpeechModelMetadata, 'statistics' | 'temperature' | 'uncertainBelow'>
  readonly seed: string
  /** Figures that the network itself cannot give: of the folds' networks, and of the random splits. */
  readonly figures: (
    metadata: SpeechModelMetadata,
    savee: SaveeRecordings,
    ravdess: readonly Sample[],
  ) => Promise<Pick<Evaluation, 'ravdess' | 'randomSplit'> & Partial<FoldFigures>>
  /** The commands that trained it. */
  readonly commands: readonly string[]
}

/** What `train` left: its last run, and the folds that calibrate it. */
async function takeTrained(name: keyof typeof sources, preset: SpeechPreset, out: string, seed: string): Promise<Source> {
  const source = sources[name]
  // The published protocol is a random split: the network that its figure is about is the one that ships.
  const protocol = name === 'paper' ? 'random' : 'final'
  const run = join(out, 'runs', `${source}-${protocol}-seed${seed}`)
  const result = await readResult(join(run, 'result.json'))
  if (!result) throw new EmoError('RUN_MISSING', `${run} holds no finished run: train with --model ${source} --${protocol} first`)
  const summary = await readSummary(join(out, 'reports', `${source}-folds`, 'summary.json'))
  if (!summary) throw new EmoError('RUN_MISSING', `no figures to calibrate with: train with --model ${source} first`)
  const random = name === 'paper' ? await readSummary(join(out, 'reports', `${source}-random`, 'summary.json')) : undefined
  return {
    network: (await loadModel(savedModel(join(run, 'network')))).model,
    known: { statistics: result.statistics, temperature: summary.temperature, uncertainBelow: summary.uncertainBelow },
    seed,
    figures: async (metadata, recordings, clips) => ({
      ravdess: ravdessFigures(summary),
      ...(random && { randomSplit: randomFigures(random) }),
      ...(await foldFigures(await foldModels(out, source, summary, metadata), recordings, clips)),
    }),
    commands: [trainCommand(source, preset, summary), ...(random ? [trainCommand(source, preset, random, '--random')] : [])],
  }
}

/** What the package holds already. */
async function takeShipped(directory: string): Promise<Source> {
  const { model: network, metadata } = await loadModel(savedModel(directory))
  const { card, ...known } = checkMetadata(metadata)
  const { ravdess, randomSplit, shortWindows, savee, noise, commands } = card.evaluation
  return {
    network,
    known,
    seed: card.training.seeds.join(),
    figures: () =>
      Promise.resolve({
        ravdess,
        randomSplit,
        shortWindows,
        foldAccuracy4: savee?.foldAccuracy4,
        ofNoise: { ravdessUar: noise?.ravdessUar, foldAccuracy4: noise?.foldAccuracy4 },
      }),
    commands: commands.filter((command) => !command.endsWith('--shipped')),
  }
}

async function readSummary(path: string): Promise<RunSummary | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as RunSummary
  } catch {
    return undefined
  }
}

function ravdessFigures({
  foldsRun,
  uar,
  accuracy,
  folds,
  classes,
  bySex,
  expectedCalibrationError,
  uncertainty,
}: RunSummary): NonNullable<Evaluation['ravdess']> {
  return {
    foldsRun,
    uar,
    accuracy,
    folds,
    classes: classes.map(({ name, ...figures }) => ({ emotion: name, ...figures })),
    bySex: { female: bySex.female, male: bySex.male },
    expectedCalibrationError,
    uncertainty,
  }
}

/** The seeds that were run. */
function seedsOf({ runs }: RunSummary): number[] {
  return [...new Set(runs.map((row) => row.seed))]
}

/** The command that ran what is summarised. */
function trainCommand(name: PresetName, preset: SpeechPreset, summary: RunSummary, protocol?: '--random'): string {
  const { foldsRun, epochs } = summary
  const seeds = seedsOf(summary).join()
  const options = [
    ...(protocol ? [protocol] : foldsRun.length < foldCount ? [`--folds ${foldsRun.join()}`] : []),
    ...(seeds === '1' ? [] : [`--seeds ${seeds}`]),
    ...(epochs === preset.epochs ? [] : [`--epochs ${epochs}`]),
  ]
  return ['npx nx run speech-model:train --data DIR --model', name, ...options].join(' ')
}

function randomFigures(summary: RunSummary): NonNullable<Evaluation['randomSplit']> {
  const { accuracy, uar, runs } = summary
  return { accuracy, uar, trainAccuracy: spread(runs.map((run) => run.trainAccuracy)).mean, seeds: seedsOf(summary) }
}

/** A fold's network as it would serve. */
interface FoldModel {
  readonly fold: number
  readonly seed: number
  readonly model: SpeechEmotionModel
}

/** The networks of all folds and seeds; none unless every fold has been run. */
async function foldModels(out: string, name: PresetName, summary: RunSummary, metadata: SpeechModelMetadata): Promise<FoldModel[]> {
  const models: FoldModel[] = []
  for (const seed of seedsOf(summary)) {
    for (let fold = 0; fold < foldCount; fold++) {
      const run = join(out, 'runs', `${name}-fold${fold}-seed${seed}`)
      const result = await readResult(join(run, 'result.json'))
      if (!result) {
        for (const { model } of models) model.dispose()
        return []
      }
      const { model: network } = await loadModel(savedModel(join(run, 'network')))
      models.push({ fold, seed, model: new SpeechEmotionModel(network, { ...metadata, statistics: result.statistics }) })
    }
  }
  return models
}

/**
 * SAVEE by each fold's network; by those of the first seed also SAVEE in noise and, each for the actors it did not know, windows of 0.8 s and clips in noise. Disposes of the folds'
 * models.
 */
async function foldFigures(folds: readonly FoldModel[], savee: SaveeRecordings, ravdess: readonly Sample[]): Promise<Partial<FoldFigures>> {
  if (folds.length === 0) return {}
  const foldAccuracy4: number[] = []
  const noisyAccuracy4: number[] = []
  const windows: LabelledAnswer[] = []
  const inNoise: LabelledAnswer[] = []
  for (const { fold, seed, model } of folds) {
    foldAccuracy4.push(evaluateSavee(model, savee.clean).accuracy4)
    if (seed === folds[0].seed) {
      noisyAccuracy4.push(evaluateSavee(model, savee.noisy).accuracy4)
      const { test } = actorFold(ravdess, fold)
      windows.push(...(await predictShortWindows(model, test)))
      inNoise.push(...(await predictInRoom(model, test)))
    }
    model.dispose()
  }
  return {
    foldAccuracy4,
    shortWindows: summariseAnswers(windows),
    ofNoise: { ravdessUar: summariseAnswers(inNoise).uar, foldAccuracy4: noisyAccuracy4 },
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const { code, message } = error as { code?: string; message: string }
  console.error(`${code ?? 'ERROR'}: ${message}`)
  process.exitCode = code === 'USAGE' || code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1
})
