import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { EmoError } from '@emo/errors'
import { startBackend } from '@emo/runtime'
import { train } from '@emo/runtime/training'
import { continueFrom } from './continueFrom.ts'
import { exportModel } from './exportModel.ts'
import { prepareFaceData } from './faceData.ts'
import { faceSize } from './faceSet.ts'
import { trainingNetwork, type FaceRecipe } from './recipe.ts'
import { recipes } from './recipes.ts'
import { writeStart } from './startWeights.ts'

const usage = `Trains a face model on FER2013 and writes its weights, its card and a report.

  npx nx run face-model:train --data DIR [options]

  --data DIR      folder with fer2013.csv and fer2013new.csv, or one above it
  --model NAME    best (default) or paper
  --epochs N      default ${recipes.best.epochs} (best), ${recipes.paper.epochs} (paper)
  --restart-epochs N  of a second cycle at full size, from the weights of the first; 0: none; default ${recipes.best.secondCycle?.epochs} (best), 0 (paper)
  --learning-rate X  highest rate; default ${recipes.best.options.optimizer.learningRate} (best), ${recipes.paper.options.optimizer.learningRate} (paper)
  --from DIR      go on from shipped weights (a folder with model.json) instead of new ones; --model best only
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
      'restart-epochs': { type: 'string' },
      'learning-rate': { type: 'string' },
      from: { type: 'string' },
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
  const { model } = values
  const named = recipes[model]
  const epochs = values.epochs === undefined ? named.epochs : wholeNumber('--epochs', values.epochs)
  const seed = wholeNumber('--seed', values.seed)
  const workers = wholeNumber('--workers', values.workers)
  const out = resolve(values.out ?? fileURLToPath(new URL(`../weights/${model === 'best' ? 'default' : model}`, import.meta.url)))
  const report = resolve(values.report ?? join(out, '../../reports', model))

  const learningRate = values['learning-rate'] === undefined ? named.options.optimizer.learningRate : Number(values['learning-rate'])
  if (!(learningRate > 0)) throw new EmoError('USAGE', `--learning-rate must be above 0, not ${values['learning-rate']}.`)
  if (values.from !== undefined && model === 'paper') throw new EmoError('USAGE', '--from goes with --model best.')

  const dataFile = await prepareFaceData(resolve(values.data), resolve(values.cache))
  const fresh: FaceRecipe = { ...named.recipe(epochs), batchSize: wholeNumber('--batch', values.batch), dataFile }
  const restartEpochs = values['restart-epochs'] === undefined ? (named.secondCycle?.epochs ?? 0) : wholeNumber('--restart-epochs', values['restart-epochs'], 0)
  const recipe = new URL('./recipe.ts', import.meta.url)
  const directory = join(resolve(values.cache), `${model}-epochs${epochs}-seed${seed}${values.from === undefined ? '' : '-continued'}`)
  const before = values.from === undefined ? undefined : await continueFrom(resolve(values.from), fresh, join(directory, 'from.weights'))
  const config: FaceRecipe = before === undefined ? fresh : { ...fresh, startFrom: before.path }
  const common = { ...named.options, optimizer: { ...named.options.optimizer, learningRate }, seed, workers, restart: values.restart }
  const first = await train(recipe, config, { ...common, directory, epochs })
  const run = { config, epochs, restartEpochs, learningRate, seed, before: before?.training, out, report }
  if (restartEpochs === 0) {
    await exportModel({ ...run, history: first.history, apply: first.apply.bind(first) })
    return
  }

  const startFrom = join(directory, 'start.weights')
  await startBackend()
  const network = trainingNetwork(config)
  first.apply(network)
  writeStart(network, startFrom)
  network.dispose()
  const { optimizer } = common
  const restartRate = named.secondCycle?.learningRate ?? optimizer.learningRate / 3
  const second = await train(
    recipe,
    { ...config, sizes: [{ fromEpoch: 0, size: faceSize }], startFrom },
    { ...common, optimizer: { ...optimizer, learningRate: restartRate }, directory: `${directory}-restart${restartEpochs}`, epochs: restartEpochs },
  )
  const history = [...first.history, ...second.history.map((record) => ({ ...record, epoch: record.epoch + epochs }))]
  await exportModel({ ...run, history, apply: second.apply.bind(second) })
}

function wholeNumber(name: string, text: string, least = 1): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < least) throw new EmoError('USAGE', `${name} must be a whole number from ${least} on, not ${text}.`)
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
