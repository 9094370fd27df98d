import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildFaceModel } from '../buildFaceModel.ts'
import { buildPaperCnn } from '../buildPaperCnn.ts'
import { FaceEmotionModel } from '../faceEmotionModel.ts'
import { checkMetadata, type FaceModelMetadata } from '../modelMetadata.ts'

let model: FaceEmotionModel
let metadata: FaceModelMetadata

beforeAll(async () => {
  model = await FaceEmotionModel.load({ detector: false })
  metadata = model.metadata
})

afterAll(() => {
  model.dispose()
})

const invalid = expect.objectContaining({ code: 'MODEL_INVALID' }) as Error

describe('checkMetadata', () => {
  it.each([
    ['inputSize', ['48', 0, 1.5, null]],
    ['output', ['scores', undefined]],
    ['temperature', ['2', true, null, [], 0, -1, Number.NaN, Infinity]],
    ['uncertainBelow', ['0.5', null, -1, undefined]],
    ['ferPlusShare', [5, null, '0', -0.1]],
    ['emotions', ['anger', 5, null, ['anger']]],
    ['mirrored', [null, 'yes']],
    ['card', [null, undefined, 'card']],
  ])('refuses a wrong %s', (name, values) => {
    for (const value of values) expect(() => checkMetadata({ face: { ...metadata, [name]: value } })).toThrow(invalid)
  })

  it.each([[undefined], [null], ['face'], [[]]])('refuses %j for all of it', (face) => {
    expect(() => checkMetadata({ face })).toThrow(invalid)
  })

  it('takes what the package has', () => {
    expect(checkMetadata({ face: metadata })).toBe(metadata)
  })
})

describe('a network of its own', () => {
  it.each([47, 1e6])('refuses inputs of another size: %d', (inputSize) => {
    expect(() => new FaceEmotionModel(model.network, { ...metadata, inputSize })).toThrow(invalid)
  })

  it('refuses as many outputs as the other kind has', () => {
    expect(() => new FaceEmotionModel(model.network, { ...metadata, output: 'probabilities' })).toThrow(invalid)
    const paper = buildPaperCnn()
    expect(() => new FaceEmotionModel(paper, { ...metadata, output: 'logits' })).toThrow(invalid)
    paper.dispose()
  })

  it('takes a network for pictures of any size', () => {
    const network = buildFaceModel({ inputSize: null, batchNormalization: false, stem: [2, 4], blocks: [] })
    const own = new FaceEmotionModel(network, { ...metadata, inputSize: 32 })
    expect(Number.isFinite(own.predict({ data: new Uint8Array(100), width: 10, height: 10 }).confidence)).toBe(true)
    own.dispose()
  })
})
