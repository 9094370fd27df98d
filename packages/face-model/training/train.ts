import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { EmoError } from '@emo/errors'
import { train } from '@emo/runtime/training'
import { exportModel } from './exportModel.ts'
import { prepareFaceData } from './faceData.ts'
import type { FaceRecipe } from './recipe.ts'
import { recipes } from './recipes.ts'

const usage = `Trains a face model on FER2013 and writes its weights, its card and a report.

  npx nx run face-model:train --data DIR [options]

  --data DIR      folder with fer2013.csv and fer2013new.csv, or one above it
  --model NAME    best (default) or paper
  --epochs N      default ${recipes.best.epochs} (best), ${recipes.paper.epochs} (paper)
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

  const dataFile = await prepareFaceData(resolve(values.data), resolve(values.cache))
  const config: FaceRecipe = { ...named.recipe(epochs), batchSize: wholeNumber('--batch', values.batch), dataFile }
  const result = await train(new URL('./recipe.ts', import.meta.url), config, {
    ...named.options,
    directory: join(resolve(values.cache), `${model}-epochs${epochs}-seed${seed}`),
    epochs,
    seed,
    workers,
    restart: values.restart,
  })
  await exportModel({ config, epochs, seed, result, out, report })
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new EmoError('USAGE', `${name} must be a whole number above 0, not ${text}.`)
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
