import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadModel, serializeModel, startBackend, tf, type LoadedModel, type ModelJson } from '../index.ts'
import { savedModel, saveModel } from '../node.ts'

let directory: string
let server: Server
let base: URL
let model: tf.LayersModel

beforeAll(async () => {
  await startBackend()
  directory = await mkdtemp(join(tmpdir(), 'emo-weights-'))
  model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 5, inputShape: [3], activation: 'relu' }),
      tf.layers.batchNormalization(),
      tf.layers.dense({ units: 2, activation: 'softmax' }),
    ],
  })
  await saveModel(model, directory, { metadata: { classes: ['yes', 'no'] } })
  server = createServer((request, response) => {
    readFile(join(directory, request.url!)).then(
      (bytes) => response.writeHead(200, { 'content-length': bytes.length }).end(bytes),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
})

afterAll(async () => {
  server.close()
  await rm(directory, { recursive: true })
})

const filesAt = (folder: URL) => ({ modelJson: new URL('model.json', folder), weights: new URL('weights.bin', folder) })
const folder = () => pathToFileURL(`${directory}/`)
const predict = (of: tf.LayersModel) => tf.tidy(() => Array.from((of.predict(tf.tensor2d([[0.5, -1, 2]])) as tf.Tensor).dataSync()))

describe('loadModel', () => {
  test.each([
    ['file:', () => folder()],
    ['http:', () => base],
  ])('reads %s URLs and gives the saved model and metadata', async (_, at) => {
    const progress: (number | undefined)[][] = []
    const loaded = await loadModel(filesAt(at()), { onProgress: (...values) => progress.push(values) })
    expect(loaded.metadata).toMatchObject({ classes: ['yes', 'no'], weights: { bytes: model.countParams() * 2 } })
    const expected = predict(model)
    predict(loaded.model).forEach((value, i) => expect(value).toBeCloseTo(expected[i], 2))
    expect(progress.at(-1)).toEqual([model.countParams() * 2, model.countParams() * 2])
  })

  test('savedModel names the files of a folder, whatever it is called', () => {
    expect(savedModel(directory)).toEqual(filesAt(folder()))
    expect(savedModel('/tmp/a b#c').modelJson).toMatchObject({ pathname: '/tmp/a%20b%23c/model.json', hash: '' })
  })

  test('keeps every weight to float16 precision', async () => {
    const { model: loaded } = await loadModel(filesAt(folder()))
    const given = model.getWeights().map((weight) => weight.dataSync())
    loaded.getWeights().forEach((weight, i) => {
      weight
        .dataSync()
        .forEach((value, j) => expect(Math.abs(value - given[i][j])).toBeLessThanOrEqual(Math.abs(given[i][j]) * 2 ** -11 + 2 ** -25))
    })
  })

  test('reads from memory, and leaves the caller its buffer', async () => {
    const modelJson = JSON.parse(await readFile(join(directory, 'model.json'), 'utf8')) as object
    const weights = new Uint8Array(await readFile(join(directory, 'weights.bin')))
    const before = weights.slice()
    const shared = new Uint8Array(new SharedArrayBuffer(weights.length))
    shared.set(weights)
    for (const given of [weights, weights.buffer, shared, shared.buffer as unknown as ArrayBuffer])
      expect((await loadModel({ modelJson, weights: given })).model.countParams()).toBe(model.countParams())
    expect(weights).toEqual(before)
  })

  test('reads what serializeModel gives, in full precision too', async () => {
    const serialized = await serializeModel(model, { dtype: 'float32', metadata: { a: 1 } })
    const loaded = await loadModel(serialized)
    expect(loaded.metadata).toMatchObject({ a: 1, weights: { bytes: model.countParams() * 4 } })
    expect(predict(loaded.model)).toEqual(predict(model))
  })

  test('the same files load in stock TensorFlow.js', async () => {
    const json = JSON.parse(await readFile(join(directory, 'model.json'), 'utf8')) as ModelJson
    const bytes = new Uint8Array(await readFile(join(directory, 'weights.bin')))
    const stock = await tf.loadLayersModel({
      load: () =>
        tf.io.getModelArtifactsForJSON(json as unknown as tf.io.ModelJSON, (manifest) =>
          Promise.resolve([manifest.flatMap((group) => group.weights), bytes.buffer]),
        ),
    })
    expect(predict(stock)).toEqual(predict((await loadModel(filesAt(folder()))).model))
  })

  test.each([
    [
      'one flipped bit',
      (bytes: Buffer) => {
        bytes[7] ^= 1
      },
      0,
    ],
    ['a missing last byte', () => undefined, 1],
  ])('refuses %s', async (_, damage, cut) => {
    const bytes = await readFile(join(directory, 'weights.bin'))
    damage(bytes)
    await writeFile(join(directory, 'damaged.bin'), bytes.subarray(0, bytes.length - cut))
    const source = { ...filesAt(folder()), weights: new URL('damaged.bin', folder()) }
    await expect(loadModel(source)).rejects.toMatchObject({ code: 'WEIGHTS_DAMAGED' })
  })

  test.each([
    ['a missing file', () => folder(), 'none.bin', 'WEIGHTS_UNREADABLE'],
    ['HTTP 404', () => base, 'none.bin', 'WEIGHTS_UNREADABLE'],
  ])('answers %s with a code and the address', async (_, at, name, code) => {
    const weights = new URL(name, at())
    await expect(loadModel({ ...filesAt(at()), weights })).rejects.toMatchObject({ code, details: { url: weights.href } })
  })

  test.each([
    ['not an object', null],
    ['no checksum', { modelTopology: {}, weightsManifest: [], userDefinedMetadata: {} }],
  ])('refuses a model.json that is %s', async (_, modelJson) => {
    await expect(loadModel({ modelJson: modelJson as never, weights: new ArrayBuffer(0) })).rejects.toMatchObject({ code: 'MODEL_INVALID' })
  })

  test.each<[string, (path: string) => unknown, string]>([
    ['paths', (path) => ({ modelJson: join(path, 'model.json'), weights: join(path, 'weights.bin') }), 'modelJson is the string '],
    ['a path of the binary', (path) => ({ modelJson: {}, weights: join(path, 'weights.bin') }), 'pathToFileURL'],
    ['a folder', (path) => path, 'give { modelJson, weights }'],
    ['null', () => null, 'source is null'],
    ['an empty object', () => ({}), 'modelJson is undefined'],
    ['no binary', () => ({ modelJson: {}, weights: null }), 'weights is null'],
    ['numbers', () => ({ modelJson: {}, weights: [1, 2] }), 'weights is Array of 2'],
  ])('refuses %s with advice', async (_, source, message) => {
    await expect(loadModel(source(directory) as never)).rejects.toMatchObject({
      code: 'MODEL_SOURCE_INVALID',
      message: expect.stringContaining(message) as string,
    })
  })

  test.each<[string, RegExp, string]>([
    ['a model of no class', /"class_name":"Sequential",/, ''],
    ['a model of an unknown class', /"Sequential"/, '"Nothing"'],
    ['an unknown layer', /"BatchNormalization"/, '"Nothing"'],
    ['a layer of another size', /"units":2/, '"units":3'],
    ['a name that is taken', /"name":"batch_normalization[^"]*"/, '"name":"dense_Dense1"'],
    ['no list of weights', /"weights":\[/, '"nothing":['],
    ['a weight too few', /"weights":\[\{.*?\}\},/, '"weights":['],
    ['a weight too many', /"weights":\[/, '"weights":[{"name":"more","shape":[0],"dtype":"float32"},'],
    ['a weight of another shape', /"shape":\[3,5\]/, '"shape":[5,3]'],
    ['weights of an unknown kind', /"dtype":"float16"/g, '"dtype":"nothing"'],
  ])('refuses a model.json with %s, and leaves nothing of it behind', async (_, whole, damaged) => {
    const text = await readFile(join(directory, 'model.json'), 'utf8')
    expect(text).toMatch(whole)
    const modelJson = JSON.parse(text.replace(whole, damaged)) as object
    const before = tf.memory().numTensors
    // A load that goes well at the same time keeps its own.
    const [bad, good] = await Promise.allSettled([loadModel({ ...filesAt(folder()), modelJson }), loadModel(filesAt(folder()))])
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'MODEL_INVALID' } })
    const { model: loaded } = (good as PromiseFulfilledResult<LoadedModel>).value
    expect(predict(loaded)).toHaveLength(2)
    loaded.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  test('an aborted load rejects with the reason of the signal', async () => {
    const reason = new Error('no longer needed')
    await expect(loadModel(filesAt(base), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

test('saveModel refuses weights that float16 cannot hold', async () => {
  const broken = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1], useBias: false })] })
  for (const value of [NaN, Infinity, 65520, -1e9]) {
    broken.setWeights([tf.tensor2d([[value]])])
    await expect(saveModel(broken, join(directory, 'broken'))).rejects.toMatchObject({ code: 'FLOAT16_RANGE' })
  }
  await saveModel(broken, join(directory, 'wide'), { dtype: 'float32' })
})
