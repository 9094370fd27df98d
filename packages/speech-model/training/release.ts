import { readFile, writeFile, mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { EMOTIONS, readAudio, type Emotion, type Sample } from '@emo/datasets'
import { EmoError } from '@emo/errors'
import { loadModel } from '@emo/runtime'
import { savedModel, saveModel } from '@emo/runtime/node'
import { registerSpeechLayers } from '../src/layers/registerSpeechLayers.ts'
import type { SpeechModelCard } from '../src/modelCard.ts'
import type { SpeechModelMetadata } from '../src/modelMetadata.ts'
import { SpeechEmotionModel } from '../src/speechEmotionModel.ts'
import { cardFacts, cardMarkdown } from './cardText.ts'
import { openCorpus } from './corpora.ts'
import { spread } from './evaluation.ts'
import { presets, type PresetName, type SpeechPreset } from './presets.ts'
import type { RunSummary } from './runReport.ts'
import {
  evaluateSavee,
  measureLatency,
  noiseBelowDb,
  predictInNoise,
  predictShortWindows,
  summariseAnswers,
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
  const out = resolve(values.out)
  // The published protocol is a random split: the network that its figure is about is the one that ships.
  const protocol = name === 'paper' ? 'random' : 'final'
  const run = join(out, 'runs', `${sources[name]}-${protocol}-seed${values.seed}`)
  const result = await readResult(join(run, 'result.json'))
  if (!result) throw new EmoError('RUN_MISSING', `${run} holds no finished run: train with --model ${sources[name]} --${protocol} first`)
  const summary = await readSummary(join(out, 'reports', `${sources[name]}-folds`, 'summary.json'))
  if (!summary) throw new EmoError('RUN_MISSING', `no figures to calibrate with: train with --model ${sources[name]} first`)
  const random = name === 'paper' ? await readSummary(join(out, 'reports', `${sources[name]}-random`, 'summary.json')) : undefined

  registerSpeechLayers()
  const network = (await loadModel(savedModel(join(run, 'network')))).model
  const ravdess = (await openCorpus(values.data, 'ravdess')).samples
  const savee = (await openCorpus(values.data, 'savee')).samples
  const metadata: SpeechModelMetadata = {
    features: preset.features,
    statistics: result.statistics,
    views: preset.views,
    temperature: summary.temperature,
    uncertainBelow: summary.uncertainBelow,
    emotions: EMOTIONS,
    card: { ...cardFacts(name, network.countParams(), values.seed), evaluation: { commands: [] } },
  }
  const directory = fileURLToPath(new URL(`../weights/${name}/`, import.meta.url))
  await mkdir(directory, { recursive: true })
  await saveModel(network, directory, { metadata: { speech: metadata } })

  // What is measured is what was written, float16 and all.
  const model = await SpeechEmotionModel.load({ weights: savedModel(directory) })
  const evaluation: SpeechModelCard['evaluation'] = {
    ravdess: ravdessFigures(summary),
    ...(random ? { randomSplit: randomFigures(random) } : {}),
    ...(await servedFigures(model, savee, await foldModels(out, sources[name], summary, metadata), ravdess)),
    latency: measureLatency(model, await readAudio(ravdess[0])),
    commands: [
      trainCommand(sources[name], preset, summary),
      ...(random ? [trainCommand(sources[name], preset, random, '--random')] : []),
      `npx nx run speech-model:release --data DIR --weights ${name}`,
    ],
  }
  model.dispose()
  const card: SpeechModelCard = { ...metadata.card, evaluation }
  await saveModel(network, directory, { metadata: { speech: { ...metadata, card } } })
  await writeFile(join(directory, 'card.json'), `${JSON.stringify(card, null, 2)}\n`)
  const markdown = cardMarkdown(name, card)
  await writeFile(join(directory, 'MODEL_CARD.md'), markdown)
  process.stdout.write(markdown)
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
}: RunSummary): NonNullable<SpeechModelCard['evaluation']['ravdess']> {
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

function randomFigures(summary: RunSummary): NonNullable<SpeechModelCard['evaluation']['randomSplit']> {
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
 * SAVEE by the shipped network and by each fold's; windows of 0.8 s, and noisy clips, of every actor by the first seed's network that did not know the actor. Disposes of the
 * folds' models.
 */
async function servedFigures(
  shipped: SpeechEmotionModel,
  savee: readonly Sample[],
  folds: readonly FoldModel[],
  ravdess: readonly Sample[],
): Promise<Pick<SpeechModelCard['evaluation'], 'savee' | 'shortWindows' | 'noise'>> {
  const recordings: LabelledRecording[] = []
  for (const sample of savee) recordings.push({ emotion: sample.emotion as Emotion, ...(await readAudio(sample)) })
  const figures = evaluateSavee(shipped, recordings)
  if (folds.length === 0) return { savee: figures }
  const foldAccuracy4: number[] = []
  const windows: Awaited<ReturnType<typeof predictShortWindows>> = []
  const noisy: typeof windows = []
  for (const { fold, seed, model } of folds) {
    foldAccuracy4.push(evaluateSavee(model, recordings).accuracy4)
    if (seed === folds[0].seed) {
      const { test } = actorFold(ravdess, fold)
      windows.push(...(await predictShortWindows(model, test)))
      noisy.push(...(await predictInNoise(model, test)))
    }
    model.dispose()
  }
  return {
    savee: { ...figures, foldAccuracy4 },
    shortWindows: summariseAnswers(windows),
    noise: { belowDb: noiseBelowDb, ...summariseAnswers(noisy) },
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const { code, message } = error as { code?: string; message: string }
  console.error(`${code ?? 'ERROR'}: ${message}`)
  process.exitCode = code === 'USAGE' || code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1
})
