import { createRandom, tf, type Random } from '@emo/runtime'
import { shardRows, type CreateJob, type TrainingJob } from '@emo/runtime/training'
import { EMOTIONS } from '@emo/datasets'
import { EmoError } from '@emo/errors'
import { buildPaperLstm } from '../src/definitions/buildPaperLstm.ts'
import { buildSpeechModel } from '../src/definitions/buildSpeechModel.ts'
import { logitsModel } from '../src/definitions/logitsModel.ts'
import { memberLogits } from '../src/definitions/memberLogits.ts'
import { featureColumns } from '../src/features/speechFeatureParameters.ts'
import { padFeatures } from '../src/features/padFeatures.ts'
import { finishViews } from '../src/features/speechFeatures.ts'
import { analysisParameters } from '../src/features/speechViews.ts'
import { featureStatistics, plainAnalysis, sampleBatch, servedAnalysis, type ClipBatch, type StoredClip } from './clipSampler.ts'
import { unweightedAverageRecall } from './evaluation.ts'
import { original, readStore } from './featureStore.ts'
import type { SpeechPreset } from './presets.ts'
import type { SplitClip } from './splits.ts'

/** Raise when training changes in what no preset says, so that an earlier run is not taken for one of today's. */
export const recipeVersion = 2

/** What one training run is made of; JSON. */
export interface SpeechTrainingConfig {
  readonly version: typeof recipeVersion
  readonly preset: SpeechPreset
  readonly storeDirectory: string
  readonly train: readonly SplitClip[]
  /** May choose the epoch; never trained on. */
  readonly validation: readonly SplitClip[]
}

/** A network as its preset describes it, untrained. */
export function buildPreset(preset: SpeechPreset): tf.LayersModel {
  const features = featureColumns(preset.features)
  return preset.architecture === 'paper'
    ? buildPaperLstm({ features, dropout: preset.model.dropout })
    : buildSpeechModel({ ...preset.model, features })
}

/** The copies that a preset's training reads, the clips themselves first. */
export function copiesOf({ augmentation }: SpeechPreset): number[] {
  return augmentation.copyProbability > 0 ? [original, ...augmentation.copies] : [original]
}

/** Reads the analyses of clips and of these copies of them. */
export async function loadClips(
  clips: readonly SplitClip[],
  preset: SpeechPreset,
  storeDirectory: string,
  copies: readonly number[],
): Promise<StoredClip[]> {
  const stores = new Map<string, Awaited<ReturnType<typeof readStore>>>()
  for (const corpus of new Set(clips.map((clip) => clip.corpus))) {
    for (const copy of copies) {
      stores.set(`${corpus}/${copy}`, await readStore({ directory: storeDirectory, corpus, copy, parameters: preset.features }))
    }
  }
  return clips.map(({ corpus, id, label }) => ({
    id: `${corpus}/${id}`,
    label,
    copies: new Map(
      copies.map((copy) => {
        const phases = stores.get(`${corpus}/${copy}`)?.get(id)
        if (!phases)
          throw new EmoError('FEATURES_MISSING', `the feature store has no clip ${corpus}/${id}`, { details: { corpus, id, copy } })
        return [copy, phases] as const
      }),
    ),
  }))
}

/** Reads what {@link predictLogits} needs of clips. */
export function loadForAnswers(clips: readonly SplitClip[], preset: SpeechPreset, storeDirectory: string): Promise<StoredClip[]> {
  return loadClips(clips, { ...preset, features: analysisParameters(preset.features, preset.views) }, storeDirectory, [original])
}

/** Logits of clips from {@link loadForAnswers}, without augmentation, averaged over the preset's views: `[clips, classes]`, in the order given. */
export function predictLogits(
  model: tf.LayersModel,
  clips: readonly StoredClip[],
  preset: SpeechPreset,
  statistics: ReturnType<typeof featureStatistics>,
): Float32Array {
  const network = logitsModel(model)
  const columns = featureColumns(preset.features)
  const inputs = clips.flatMap((clip, index) =>
    finishViews(plainAnalysis(clip), preset.features, preset.views, statistics).map((input) => ({ index, ...input })),
  )
  // Clips of like length share a batch: less padding to compute.
  inputs.sort((a, b) => a.frames - b.frames)
  const out = new Float32Array(clips.length * EMOTIONS.length)
  for (let start = 0; start < inputs.length; start += 64) {
    const rows = inputs.slice(start, start + 64)
    const batch = padFeatures(rows, columns)
    const logits = tf.tidy(() =>
      (network.predict(tf.tensor3d(batch.values, [rows.length, batch.frames, columns])) as tf.Tensor).dataSync<'float32'>(),
    )
    rows.forEach(({ index }, i) => {
      for (let k = 0; k < EMOTIONS.length; k++) out[index * EMOTIONS.length + k] += logits[i * EMOTIONS.length + k] / preset.views.length
    })
  }
  return out
}

/** The training job: what `train` of the runtime runs, in this process or in workers. */
export const createJob: CreateJob<SpeechTrainingConfig, ClipBatch> = async ({ config, rank, size, seed }) => {
  const { preset } = config
  const clips = await loadClips(config.train, preset, config.storeDirectory, copiesOf(preset))
  const validation = await loadForAnswers(config.validation, preset, config.storeDirectory)
  const statistics = featureStatistics(clips, preset.features)
  const counts = new Array<number>(EMOTIONS.length).fill(0)
  for (const { label } of clips) counts[label]++
  const classWeights = counts.map((count) => (count === 0 ? 0 : (clips.length / EMOTIONS.length / count) ** preset.classWeightPower))
  const setup = {
    parameters: preset.features,
    statistics,
    augmentation: preset.augmentation,
    classes: EMOTIONS.length,
    labelSmoothing: preset.labelSmoothing,
    classWeights,
  }
  const model = buildPreset(preset)
  orthogonalise(model, createRandom(seed, 'orthogonal'))
  const logitsOf = memberLogits(model, preset.model.members ?? 1)
  const columns = featureColumns(preset.features)
  const batchesPerEpoch = Math.floor(clips.length / preset.batchSize)
  const lengths = clips.map((clip) => servedAnalysis(clip, preset.features).frames)

  const job: TrainingJob<ClipBatch> = {
    model,
    batchesPerEpoch,
    *trainBatches(epoch, random) {
      const order = bucketed(random.shuffle(Array.from(clips, (_, i) => i)), lengths, preset.batchSize, random)
      for (let b = 0; b < batchesPerEpoch; b++) {
        const rows = shardRows(order.slice(b * preset.batchSize, (b + 1) * preset.batchSize), rank, size)
        yield sampleBatch(
          Array.from(rows, (i) => clips[i]),
          setup,
          createRandom(seed, 'batch', epoch, b, rank),
        )
      }
    },
    loss(_model, batch) {
      const x = tf.tensor3d(batch.values, [batch.rows, batch.frames, columns])
      const targets = tf.tensor2d(batch.targets, [batch.rows, EMOTIONS.length])
      const weights = tf.tensor1d(batch.weights)
      const members = logitsOf(x)
      const losses = members.map((logits) => tf.mul(tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1)), weights))
      const hits = tf.cast(tf.equal(tf.argMax(tf.addN(members), 1), tf.argMax(targets, 1)), 'float32')
      return { loss: tf.div(tf.mean(tf.addN(losses)), members.length), count: batch.rows, metrics: { accuracy: tf.mean(hits) } }
    },
    evaluate() {
      if (validation.length === 0) return {}
      const truth = validation.map((clip) => clip.label)
      const logits = predictLogits(model, validation, preset, statistics)
      return evaluateLogits(logits, truth)
    },
  }
  return job
}

/**
 * Clips of like length in the same batch, so that little padding is computed: within every stretch of eight batches the clips are sorted
 * by length, then the batches shuffled.
 */
function bucketed(order: number[], lengths: readonly number[], batchSize: number, random: Random): number[] {
  const batches: number[][] = []
  const stretch = 8 * batchSize
  for (let start = 0; start < order.length; start += stretch) {
    const sorted = order.slice(start, start + stretch).sort((a, b) => lengths[a] - lengths[b])
    for (let at = 0; at < sorted.length; at += batchSize) batches.push(sorted.slice(at, at + batchSize))
  }
  // An incomplete batch goes last, where it is left out.
  const complete = random.shuffle(batches.filter((batch) => batch.length === batchSize))
  return [...complete, ...batches.filter((batch) => batch.length < batchSize)].flat()
}

/** Makes each gate's recurrent matrix orthogonal (Saxe et al. 2014): gradients neither grow nor fade at the start. */
function orthogonalise(model: tf.LayersModel, random: Random): void {
  for (const weight of model.weights) {
    if (!weight.name.endsWith('recurrent_kernel')) continue
    const [units, width] = weight.shape as [number, number]
    const values = new Float32Array(units * width)
    for (let gate = 0; gate < width / units; gate++) {
      const rows: Float64Array[] = []
      while (rows.length < units) {
        const row = Float64Array.from({ length: units }, () => random.normal())
        for (const other of rows) {
          const dot = row.reduce((sum, value, i) => sum + value * other[i], 0)
          for (let i = 0; i < units; i++) row[i] -= dot * other[i]
        }
        const norm = Math.hypot(...row)
        rows.push(row.map((value) => value / norm))
      }
      rows.forEach((row, r) => row.forEach((value, c) => (values[r * width + gate * units + c] = value)))
    }
    const tensor = tf.tensor2d(values, [units, width])
    weight.write(tensor)
    tensor.dispose()
  }
}

/** Loss, accuracy and unweighted average recall of logits `[clips, classes]`. */
function evaluateLogits(logits: Float32Array, truth: readonly number[]): Record<string, number> {
  let loss = 0
  let hits = 0
  const predicted: number[] = []
  truth.forEach((label, i) => {
    const row = logits.subarray(i * EMOTIONS.length, (i + 1) * EMOTIONS.length)
    const top = row.reduce((best, value, k) => (value > row[best] ? k : best), 0)
    const peak = row[top]
    loss += peak + Math.log(row.reduce((sum, value) => sum + Math.exp(value - peak), 0)) - row[label]
    if (top === label) hits++
    predicted.push(top)
  })
  return { loss: loss / truth.length, accuracy: hits / truth.length, uar: unweightedAverageRecall(truth, predicted) }
}
