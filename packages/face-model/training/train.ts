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
  --average DIR   shipped weights whose mean with this run's is written; may be given several times; goes with --from
  --learning-rate X  highest rate of the last stage; default ${lastRate('best')} (best), ${lastRate('paper')} (paper)
  --workers N     replicas, one core each; may change between two calls of one run; default 1
  --seed N        default 1
  --batch N       images a step, over all workers; default 96
  --out DIR       where weights and card go; default packages/face-model/weights/{default,paper}
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
      from: { type: 'string' },
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
  if (values.average.length > 0 && values.from === undefined) throw new EmoError('USAGE', '--average goes with --from.')
  const { model } = values
  const named = recipes[model]
  const learningRate = values['learning-rate'] === undefined ? lastRate(model) : Number(values['learning-rate'])
  if (!(learningRate > 0)) throw new EmoError('USAGE', `--learning-rate must be above 0, not ${values['learning-rate']}.`)
  const wanted = values.from === undefined ? named.stages : named.stages.slice(-1)
  const last = { ...wanted[wanted.length - 1], learningRate }
  const stages = shareEpochs(
    [...wanted.slice(0, -1), last],
    values.epochs === undefined ? undefined : wholeNumber('--epochs', values.epochs),
  )
  const seed = wholeNumber('--seed', values.seed)
  const workers = wholeNumber('--workers', values.workers)
  const batchSize = wholeNumber('--batch', values.batch)
  const out = resolve(values.out ?? fileURLToPath(new URL(`../weights/${model === 'best' ? 'default' : model}`, import.meta.url)))
  const report = resolve(values.report ?? join(out, '../../reports', model))

  const dataFile = await prepareFaceData(resolve(values.data), resolve(values.cache))
  const recipe = new URL('./recipe.ts', import.meta.url)
  const history: EpochRecord[] = []
  let before: EarlierTraining | undefined
  let trained: { readonly config: FaceRecipe; readonly result: TrainingResult } | undefined
  const ends: TrainedEnd[] = []
  for (const [index, stage] of stages.entries()) {
    const fresh: FaceRecipe = { ...named.recipe(stage), batchSize, dataFile }
    const origin = values.from === undefined ? '' : '-continued'
    const directory = join(
      resolve(values.cache),
      `${model}-epochs${stages.map(({ epochs }) => epochs).join('+')}-seed${seed}${origin}`,
      `stage${index + 1}`,
    )
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
    if (stage.averaged === true || stage === stages[stages.length - 1]) ends.push({ config, apply: result.apply.bind(result) })
  }
  const command = [
    `npx nx run face-model:train --data DIR --model ${model} --seed ${seed}`,
    ...(values.epochs === undefined ? [] : [`--epochs ${values.epochs}`]),
    ...(values['learning-rate'] === undefined ? [] : [`--learning-rate ${learningRate}`]),
    ...(before === undefined ? [] : ['--from WEIGHTS']),
    ...values.average.map(() => '--average WEIGHTS'),
  ].join(' ')
  const averageWith = values.average.map((folder) => resolve(folder))
  await exportModel({ ends, averageWith, seed, command, before: before?.training, history, out, report })
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
  const isUsage = error instanceof TypeError || (error instanceof EmoError && error.code === 'USAGE')
  console.error(error instanceof EmoError ? `${error.code}: ${error.message}` : error)
  if (isUsage) console.error(`\n${usage}`)
  process.exitCode = isUsage ? 2 : 1
}
