import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import type { ModelAnswers } from './browserPage.ts'
import { copyApp, execute, freshFolder } from './freshFolder.ts'

/** Entries for workers; they need a parent. */
const workerEntries = ['./worker', './worklet']

const modules = inject('tarballs').flatMap(({ name, entries }) =>
  entries.filter((entry) => !workerEntries.includes(entry)).map((entry) => name + entry.slice(1)),
)

let folder: string
beforeAll(async () => {
  folder = await freshFolder()
})

async function runScript(name: string, code: string): Promise<string> {
  await writeFile(join(folder, name), code)
  const { stdout, stderr } = await execute(folder, process.execPath, [name])
  expect(stderr).toBe('')
  return stdout.trim()
}

describe.each(modules)('%s', (name) => {
  test('has the same names as ES module and as CommonJS', async () => {
    const names = `Object.keys(module).filter((key) => key !== 'default' && key !== 'module.exports' && key !== '__esModule').sort().join()`
    const esm = await runScript('names.mjs', `import * as module from '${name}'\nconsole.log(${names})`)
    const cjs = await runScript('names.cjs', `{ const module = require('${name}')\nconsole.log(${names}) }`)
    expect(esm).not.toBe('')
    expect(cjs).toBe(esm)
  })
})

const product = (runtime: string) => `
  ${runtime}.startBackend().then(async () => {
    const { tf } = ${runtime}
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'ones' })] })
    console.log(tf.getBackend(), (await model.predict(tf.tensor2d([[1, 2]])).data())[0])
  })`

describe('the backend starts from the installed package', () => {
  test('as ES module', async () => {
    expect(await runScript('start.mjs', `import * as runtime from '@emo/runtime'\n${product('runtime')}`)).toBe('wasm 3')
  })
  test('as CommonJS', async () => {
    expect(await runScript('start.cjs', `const runtime = require('@emo/runtime')\n${product('runtime')}`)).toBe('wasm 3')
  })
  test('as both in one process', async () => {
    const code = `import { createRequire } from 'node:module'
import * as esm from '@emo/runtime'
const cjs = createRequire(import.meta.url)('@emo/runtime')
await Promise.all([esm.startBackend(), cjs.startBackend()])
console.log(esm.tf.backend() === cjs.tf.backend(), esm.tf.getBackend())`
    expect(await runScript('both.mjs', code)).toBe('true wasm')
  })
  test('in a worker thread', async () => {
    const code = `import { isMainThread, Worker } from 'node:worker_threads'
import * as runtime from '@emo/runtime'
if (isMainThread) new Worker(new URL(import.meta.url))
else {${product('runtime')}}`
    expect(await runScript('thread.mjs', code)).toBe('wasm 3')
  })
})

test('both models load and answer in a folder whose name has to be escaped in URLs, as ES modules and as CommonJS', async () => {
  const odd = await freshFolder([], 'a#b?c%25d %-')
  await copyApp(odd, { 'models.js': 'models.js', 'node.mjs': 'node.mjs' })
  const esm = JSON.parse((await execute(odd, process.execPath, ['node.mjs'])).stdout) as ModelAnswers
  expect(esm.speech.emotion).toEqual(expect.any(String))
  const cjs = `const runtime = require('@emo/runtime')
const { SpeechEmotionModel } = require('@emo/speech-model')
const { FaceEmotionModel } = require('@emo/face-model')
void (async () => {
  await runtime.startBackend()
  const { voice, face } = await import('./models.js')
  const speech = (await SpeechEmotionModel.load()).predict({ samples: voice(22050), sampleRate: 22050 })
  const expression = await (await FaceEmotionModel.load()).predict({ data: face(48), width: 48, height: 48, channels: 1 })
  console.log(JSON.stringify({ backend: runtime.tf.getBackend(), speech, face: expression }))
})()`
  await writeFile(join(odd, 'models.cjs'), cjs)
  const { stdout, stderr } = await execute(odd, process.execPath, ['models.cjs'])
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual(esm)
})

test('training runs from the installed package, in this thread and in workers', async () => {
  await writeFile(
    join(folder, 'recipe.mjs'),
    `import { tf } from '@emo/runtime'
import { shardRows } from '@emo/runtime/training'
export function createJob({ rank, size }) {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' })] })
  return {
    model,
    batchesPerEpoch: 20,
    *trainBatches() { for (let i = 0; i < 20; i++) yield shardRows([-1, -0.5, 0.5, 1], rank, size) },
    loss(_, rows) {
      const x = tf.tensor2d(rows, [rows.length, 1])
      return { loss: tf.losses.meanSquaredError(tf.mul(x, 3), model.apply(x, { training: true })), count: rows.length }
    },
  }
}`,
  )
  const code = `import { tf } from '@emo/runtime'
import { train } from '@emo/runtime/training'
import { saveModel } from '@emo/runtime/node'
for (const workers of [1, 2]) {
  const result = await train(new URL('./recipe.mjs', import.meta.url), {}, {
    directory: 'run' + workers, epochs: 5, workers, optimizer: { type: 'sgd', learningRate: 0.2 }, progress: 'silent',
  })
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] })
  result.apply(model)
  console.log((await model.getWeights()[0].data())[0].toFixed(3), (await saveModel(model, 'saved' + workers)).bytes)
}`
  expect(await runScript('train.mjs', code)).toBe('3.000 4\n3.000 4')
})
