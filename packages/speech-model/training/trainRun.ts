import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startBackend } from '@emo/runtime'
import { saveModel } from '@emo/runtime/node'
import { train, type EpochRecord } from '@emo/runtime/training'
import type { FeatureStatistics } from '../src/features/speechFeatures.ts'
import { featureStatistics } from './clipSampler.ts'
import { original } from './featureStore.ts'
import { argMaxRows, unweightedAverageRecall } from './evaluation.ts'
import type { SpeechPreset } from './presets.ts'
import { buildPreset, loadClips, predictLogits, type SpeechTrainingConfig } from './recipe.ts'
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
  readonly parameters: number
  readonly statistics: FeatureStatistics
  readonly history: readonly EpochRecord[]
  readonly test: { readonly clips: readonly SplitClip[]; readonly logits: readonly number[]; readonly uar: number; readonly accuracy: number }
  /** Answers for the validation clips, which calibrate where there are any. */
  readonly validation?: { readonly clips: readonly SplitClip[]; readonly logits: readonly number[] }
  /** Accuracy on the training clips, without augmentation. */
  readonly trainAccuracy: number
  readonly seconds: number
}

/** Trains one network, or takes up where an interrupted run stopped, or returns what a finished one left. */
export async function trainRun(request: RunRequest): Promise<RunResult> {
  const { directory, preset, storeDirectory, seed } = request
  const fingerprint = fingerprintOf(request)
  const resultPath = join(directory, 'result.json')
  if (!request.restart) {
    const known = await readResult(resultPath)
    if (known?.fingerprint === fingerprint) return known
  }
  await mkdir(directory, { recursive: true })
  const started = performance.now()
  const config: SpeechTrainingConfig = { preset, storeDirectory, train: request.train, validation: request.validation }
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
  const trained = await loadClips(request.train, preset, storeDirectory, [original])
  const tested = await loadClips(request.test, preset, storeDirectory, [original])
  const statistics = featureStatistics(trained, preset.features)
  const predicted = argMaxRows(predictLogits(model, trained, preset, statistics))
  const trainAccuracy = share(trained, (clip, i) => clip.label === predicted[i])
  const logits = predictLogits(model, tested, preset, statistics)
  const answers = argMaxRows(logits)
  const validated = await loadClips(request.validation, preset, storeDirectory, [original])
  await saveModel(model, join(directory, 'network'), { dtype: 'float32', metadata: {} })
  const outcome: RunResult = {
    fingerprint,
    seed,
    parameters: model.countParams(),
    statistics,
    history: result.history,
    test: {
      clips: request.test,
      logits: Array.from(logits),
      uar: tested.length === 0 ? 0 : unweightedAverageRecall(request.test.map((clip) => clip.label), answers),
      accuracy: share(tested, (clip, i) => clip.label === answers[i]),
    },
    ...(validated.length > 0
      ? { validation: { clips: request.validation, logits: Array.from(predictLogits(model, validated, preset, statistics)) } }
      : {}),
    trainAccuracy,
    seconds: (performance.now() - started) / 1000,
  }
  model.dispose()
  await writeFile(`${resultPath}.tmp`, JSON.stringify(outcome))
  await rename(`${resultPath}.tmp`, resultPath)
  return outcome
}

function share<T>(items: readonly T[], good: (item: T, index: number) => boolean): number {
  return items.length === 0 ? 0 : items.filter(good).length / items.length
}

/** Changes with everything that the result depends on. */
function fingerprintOf({ preset, seed, train, validation, test }: RunRequest): string {
  const ids = [train, validation, test].map((clips) => clips.map((clip) => `${clip.corpus}/${clip.id}/${clip.label}`))
  return createHash('sha256').update(JSON.stringify({ preset, seed, ids })).digest('hex')
}

/** What a finished run left, or undefined. */
export async function readResult(path: string): Promise<RunResult | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as RunResult
  } catch {
    return undefined
  }
}
