import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { EmoError } from '@emo/errors'
import { startBackend } from '@emo/runtime'
import { train, type EpochRecord, type TrainingResult } from '@emo/runtime/training'
import { continueFrom, type EarlierTraining } from './continueFrom.ts'
import { exportModel, type TrainedEnd } from './exportModel.ts'
import { prepareFaceData } from './faceData.ts'
import { trainingNetwork, type FaceRecipe } from './recipe.ts'
import { recipes, type TrainingStage } from './recipes.ts'
import { writeStart } from './startWeights.ts'

const usage = `Trains a face model on FER2013 and writes its weights, its card and a report.

  npx nx run face-model:train --data DIR [options]

  --data DIR      folder with fer2013.csv and fer2013new.csv, or one above it
  --model NAME    best (default) or paper
  --epochs N      in all, shared among the recipe's stages in proportion; default ${totalEpochs(recipes.best.stages)} (best: ${recipes.best.stages.map(({ epochs }) => epochs).join(' + ')}), ${totalEpochs(recipes.paper.stages)} (paper)
  --from DIR      only the recipe's last stage, from shipped weights (a folder with model.json); --model best only
  --teacher DIR   shipped weights whose answers to a picture and its mirror image are half of the targets in the last stage; may be given several times;
                  --model best only
  --average DIR   shipped weights whose mean with this run's is written; may be given several times; goes with --from
  --learning-rate X  highest rate of the last stage; default ${lastRate('best')} (best), ${lastRate('paper')} (paper)
  --mixup X       shape of the beta distribution of mixup, in half of the batches; above 0, up to 1; default: no mixup
  --workers N     replicas, one core each; may change between two calls of one run; default 1
  --seed N        default 1
  --batch N       images a step, over all workers; default 96
  --out DIR       where weights and card go; default packages/face-model/weights/{default,paper}; none that the run reads
  --report DIR    curves, confusion matrix and figures; default OUT/../../reports/MODEL
  --cache DIR     checkpoints and prepared data; default ~/.cache/emo/face
  --restart       begin anew although there is a checkpoint
  --help

Ctrl-C saves; the same command goes on from there.
`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      model: { type: 'string', default: 'best' },
      epochs: { type: 'string' },
      workers: { type: 'string', default: '1' },
      'learning-rate': { type: 'string' },
      mixup: { type: 'string' },
      from: { type: 'string' },
      teacher: { type: 'string', multiple: true, default: [] },
      average: { type: 'string', multiple: true, default: [] },
      seed: { type: 'string', default: '1' },
      batch: { type: 'string', default: '96' },
      out: { type: 'string' },
      report: { type: 'string' },
      cache: { type: 'string', default: join(homedir(), '.cache/emo/face') },
      restart: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(usage)
    return
  }
  if (values.data === undefined) throw new EmoError('USAGE', '--data is missing: the folder with fer2013.csv.')
  if (values.model !== 'best' && values.model !== 'paper') {
    throw new EmoError('USAGE', `--model must be best or paper, not ${values.model}.`)
  }
  if (values.from !== undefined && values.model === 'paper') throw new EmoError('USAGE', '--from goes with --model best.')
  if (values.teacher.length > 0 && values.model === 'paper') throw new EmoError('USAGE', '--teacher goes with --model best.')
  if (values.average.length > 0 && values.from === undefined) throw new EmoError('USAGE', '--average goes with --from.')
  const { model } = values
  const named = recipes[model]
  const learningRate = values['learning-rate'] === undefined ? lastRate(model) : Number(values['learning-rate'])
  if (!(learningRate > 0)) throw new EmoError('USAGE', `--learning-rate must be above 0, not ${values['learning-rate']}.`)
  const mixup = values.mixup === undefined ? undefined : Number(values.mixup)
  if (mixup !== undefined && !(mixup > 0 && mixup <= 1))
    throw new EmoError('USAGE', `--mixup must be above 0, up to 1, not ${values.mixup}.`)
  const wanted = values.from === undefined ? named.stages : named.stages.slice(-1)
  const teachers = values.teacher.map((folder) => resolve(folder))
  const averageWith = values.average.map((folder) => resolve(folder))
  const last = { ...wanted[wanted.length - 1], learningRate }
  const stages = shareEpochs(
    [...wanted.slice(0, -1), last],
    values.epochs === undefined ? undefined : wholeNumber('--epochs', values.epochs),
  )
  const seed = wholeNumber('--seed', values.seed)
  const workers = wholeNumber('--workers', values.workers)
  const batchSize = wholeNumber('--batch', values.batch)
  const out = resolve(values.out ?? fileURLToPath(new URL(`../weights/${model === 'best' ? 'default' : model}`, import.meta.url)))
  const read = [values.from ?? [], values.teacher, values.average].flat().map((folder) => resolve(folder))
  if (read.includes(out)) throw new EmoError('USAGE', `${out} holds weights that this run reads, and would write over: give another --out.`)
  const report = resolve(values.report ?? join(out, '../../reports', model))

  // They are needed last; who mistyped one hears of it before the training.
  await Promise.all(averageWith.map(readWeights))
  const dataFile = await prepareFaceData(resolve(values.data), resolve(values.cache))
  const recipe = new URL('./recipe.ts', import.meta.url)
  const origin =
    (values.from === undefined ? '' : `-from-${await digestOf([resolve(values.from)])}`) +
    (teachers.length > 0 ? `-taught-${await digestOf(teachers)}` : '')
  const runFolder = join(resolve(values.cache), `${model}-epochs${stages.map(({ epochs }) => epochs).join('+')}-seed${seed}${origin}`)
  const history: EpochRecord[] = []
  let before: EarlierTraining | undefined
  let trained: { readonly config: FaceRecipe; readonly result: TrainingResult } | undefined
  const ends: TrainedEnd[] = []
  for (const [index, stage] of stages.entries()) {
    const directory = join(runFolder, `stage${index + 1}`)
    const isLast = index === stages.length - 1
    const fresh: FaceRecipe = {
      ...named.recipe(stage),
      batchSize,
      dataFile,
      ...(mixup !== undefined && { mixup }),
      ...(isLast && teachers.length > 0 && { teachers }),
    }
    let startFrom: string | undefined
    if (trained !== undefined) {
      startFrom = await startAfter(trained.config, trained.result, join(directory, 'start.weights'))
    } else if (values.from !== undefined) {
      before = await continueFrom(resolve(values.from), fresh, join(directory, 'from.weights'))
      startFrom = before.path
    }
    const config = startFrom === undefined ? fresh : { ...fresh, startFrom }
    const result = await train(recipe, config, {
      ...named.options(stage),
      seed,
      workers,
      restart: values.restart,
      directory,
      epochs: stage.epochs,
    })
    const done = history.length
    history.push(...result.history.map((record) => ({ ...record, epoch: record.epoch + done })))
    trained = { config, result }
    if (stage.averaged === true || isLast) ends.push({ config, apply: result.apply.bind(result) })
  }
  const command = [
    `npx nx run face-model:train --data DIR --model ${model} --seed ${seed}`,
    ...(values.epochs === undefined ? [] : [`--epochs ${values.epochs}`]),
    ...(values['learning-rate'] === undefined ? [] : [`--learning-rate ${learningRate}`]),
    ...(mixup === undefined ? [] : [`--mixup ${mixup}`]),
    ...(before === undefined ? [] : ['--from WEIGHTS']),
    ...teachers.map(() => '--teacher WEIGHTS'),
    ...values.average.map(() => '--average WEIGHTS'),
  ].join(' ')
  await exportModel({ ends, averageWith, seed, command, before: before?.training, history, out, report })
}

/** Tells weights apart: two runs from different ones share no checkpoint. */
async function digestOf(folders: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const folder of folders) hash.update(await readWeights(folder))
  return hash.digest('hex').slice(0, 8)
}

async function readWeights(folder: string): Promise<Buffer> {
  const file = join(folder, 'weights.bin')
  return readFile(file).catch((cause: unknown) => {
    throw new EmoError('WEIGHTS_UNREADABLE', `${file} cannot be read: give a folder that this command wrote.`, { cause })
  })
}

/** Writes what a stage reached as the start of the next one. */
async function startAfter(config: FaceRecipe, result: TrainingResult, path: string): Promise<string> {
  await startBackend()
  const network = trainingNetwork(config)
  result.apply(network)
  writeStart(network, path)
  network.dispose()
  return path
}

/** The stages with `total` epochs among them, at least one each; theirs by default. */
function shareEpochs(stages: readonly TrainingStage[], total: number | undefined): TrainingStage[] {
  if (total === undefined) return [...stages]
  if (total < stages.length)
    throw new EmoError('USAGE', `--epochs must be at least ${stages.length}, one for each stage of the recipe, not ${total}.`)
  const all = totalEpochs(stages)
  const shares = stages.map(({ epochs }) => Math.max(1, Math.floor((total * epochs) / all)))
  // What rounding left over goes to the last stage; what the minimum of one took comes from the longest.
  const rest = total - shares.reduce((epochs, share) => epochs + share, 0)
  shares[rest >= 0 ? shares.length - 1 : shares.indexOf(Math.max(...shares))] += rest
  return stages.map((stage, index) => ({ ...stage, epochs: shares[index] }))
}

function totalEpochs(stages: readonly TrainingStage[]): number {
  return stages.reduce((total, { epochs }) => total + epochs, 0)
}

function lastRate(model: FaceRecipe['model']): number {
  return recipes[model].stages[recipes[model].stages.length - 1].learningRate
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new EmoError('USAGE', `${name} must be a whole number from 1 on, not ${text}.`)
  return value
}

try {
  await main()
} catch (error) {
  const { code = '', message } = error as Partial<EmoError>
  const isUsage = code === 'USAGE' || code.startsWith('ERR_PARSE_ARGS')
  console.error(isUsage || error instanceof EmoError ? `${code}: ${message}` : error)
  if (isUsage) console.error(`\n${usage}`)
  process.exitCode = isUsage ? 2 : 1
}
