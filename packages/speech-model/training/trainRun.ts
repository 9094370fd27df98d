import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadModel, startBackend, type tf } from '@emo/runtime'
import { savedModel, saveModel } from '@emo/runtime/node'
import { train, type EpochRecord } from '@emo/runtime/training'
import type { FeatureStatistics } from '../src/features/speechFeatures.ts'
import { plainView, type SpeechView } from '../src/features/speechViews.ts'
import { registerSpeechLayers } from '../src/layers/registerSpeechLayers.ts'
import { featureStatistics } from './clipSampler.ts'
import { original } from './featureStore.ts'
import { argMaxRows, unweightedAverageRecall } from './evaluation.ts'
import type { SpeechPreset } from './presets.ts'
import { buildPreset, loadClips, loadForAnswers, predictLogits, recipeVersion, type SpeechTrainingConfig } from './recipe.ts'
import type { SplitClip } from './splits.ts'

/** One network to train and test; JSON, so that it can go to a process of its own. */
export interface RunRequest {
  /** Folder of this run: checkpoint, history, result, network. */
  readonly directory: string
  /** What the progress display calls it. */
  readonly title: string
  readonly preset: SpeechPreset
  readonly storeDirectory: string
  readonly seed: number
  readonly train: readonly SplitClip[]
  readonly validation: readonly SplitClip[]
  /** Whether the validation clips choose the epoch; if not, they only calibrate. */
  readonly keepBest: boolean
  readonly test: readonly SplitClip[]
  readonly progress: 'auto' | 'lines' | 'silent'
  /** Forget an earlier checkpoint. */
  readonly restart: boolean
}

/** What a run leaves in `result.json`. */
export interface RunResult {
  readonly fingerprint: string
  readonly seed: number
  /** What the answers below are averaged over. */
  readonly views: readonly SpeechView[]
  readonly parameters: number
  readonly statistics: FeatureStatistics
  readonly history: readonly EpochRecord[]
  readonly test: {
    readonly clips: readonly SplitClip[]
    readonly logits: readonly number[]
    readonly uar: number
    readonly accuracy: number
  }
  /** Answers for the validation clips, which calibrate where there are any. */
  readonly validation?: { readonly clips: readonly SplitClip[]; readonly logits: readonly number[] }
  /** Accuracy on the training clips, without augmentation. */
  readonly trainAccuracy: number
  readonly seconds: number
}

/** Trains one network, or takes up where an interrupted run stopped, or returns what a finished one left; its answers are made anew for other views. */
export async function trainRun(request: RunRequest): Promise<RunResult> {
  const { directory, preset, storeDirectory, seed } = request
  const fingerprint = fingerprintOf(request)
  const resultPath = join(directory, 'result.json')
  if (!request.restart) {
    const known = await readResult(resultPath)
    if (known?.fingerprint === fingerprint) {
      if (JSON.stringify(known.views) === JSON.stringify(preset.views)) return known
      registerSpeechLayers()
      const { model } = await loadModel(savedModel(join(directory, 'network')))
      const answered: RunResult = { ...known, ...(await answer(model, request)) }
      model.dispose()
      await writeResult(resultPath, answered)
      return answered
    }
  }
  await mkdir(directory, { recursive: true })
  const started = performance.now()
  // Views have no part in training: a checkpoint is good for any of them.
  const config: SpeechTrainingConfig = {
    version: recipeVersion,
    preset: { ...preset, views: [plainView] },
    storeDirectory,
    train: request.train,
    validation: request.validation,
  }
  const stepsPerEpoch = Math.floor(request.train.length / preset.batchSize)
  const result = await train(new URL('./recipe.ts', import.meta.url), config, {
    directory,
    epochs: preset.epochs,
    seed,
    workers: 1,
    optimizer: { type: 'adamw', learningRate: preset.learningRate, weightDecay: preset.weightDecay },
    schedule: { type: 'cosine', warmupSteps: Math.round(0.05 * preset.epochs * stepsPerEpoch) },
    gradientClipNorm: preset.gradientClipNorm,
    ema: { decay: preset.emaDecay },
    ...(request.keepBest ? { keepBest: { metric: 'uar', mode: 'max' as const } } : {}),
    checkpointMinutes: 2,
    evaluateEvery: 1,
    restart: request.restart,
    progress: request.progress,
  })

  await startBackend()
  const model = buildPreset(preset)
  result.apply(model)
  await saveModel(model, join(directory, 'network'), { dtype: 'float32', metadata: {} })
  const outcome: RunResult = {
    fingerprint,
    seed,
    parameters: model.countParams(),
    history: result.history,
    ...(await answer(model, request)),
    seconds: (performance.now() - started) / 1000,
  }
  model.dispose()
  await writeResult(resultPath, outcome)
  return outcome
}

/** What a trained network answers on all sides. */
async function answer(
  model: tf.LayersModel,
  { preset, storeDirectory, train: trained, validation, test }: RunRequest,
): Promise<Pick<RunResult, 'views' | 'statistics' | 'test' | 'validation' | 'trainAccuracy'>> {
  const statistics = featureStatistics(await loadClips(trained, preset, storeDirectory, [original]), preset.features)
  const logitsOf = async (clips: readonly SplitClip[]) =>
    predictLogits(model, await loadForAnswers(clips, preset, storeDirectory), preset, statistics)
  const onTraining = argMaxRows(await logitsOf(trained))
  const logits = await logitsOf(test)
  const answers = argMaxRows(logits)
  return {
    views: preset.views,
    statistics,
    test: {
      clips: test,
      logits: Array.from(logits),
      uar:
        test.length === 0
          ? 0
          : unweightedAverageRecall(
              test.map((clip) => clip.label),
              answers,
            ),
      accuracy: share(test, (clip, i) => clip.label === answers[i]),
    },
    ...(validation.length > 0 ? { validation: { clips: validation, logits: Array.from(await logitsOf(validation)) } } : {}),
    trainAccuracy: share(trained, (clip, i) => clip.label === onTraining[i]),
  }
}

async function writeResult(path: string, result: RunResult): Promise<void> {
  await writeFile(`${path}.tmp`, JSON.stringify(result))
  await rename(`${path}.tmp`, path)
}

function share<T>(items: readonly T[], good: (item: T, index: number) => boolean): number {
  return items.length === 0 ? 0 : items.filter(good).length / items.length
}

/** Changes with everything that the network depends on. */
function fingerprintOf({ preset, seed, train, validation, test }: RunRequest): string {
  const ids = [train, validation, test].map((clips) => clips.map((clip) => `${clip.corpus}/${clip.id}/${clip.label}`))
  return createHash('sha256')
    .update(JSON.stringify({ version: recipeVersion, preset: { ...preset, views: undefined }, seed, ids }))
    .digest('hex')
}

/** What a finished run left, or undefined. */
export async function readResult(path: string): Promise<RunResult | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as RunResult
  } catch {
    return undefined
  }
}
