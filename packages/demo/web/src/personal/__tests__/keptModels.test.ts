import { expect, it } from 'vitest'
import { packModel, unpackModel } from '../keptModels.ts'

const model = { modelJson: { name: 'line\nbreak' }, weights: new Uint8Array([10, 0, 255, 10]) }

it('reads what it wrote', async () => {
  expect(await unpackModel('face', packModel('face', model))).toEqual(model)
})

it('says what is wrong with other files', async () => {
  await expect(unpackModel('speech', packModel('face', model))).rejects.toThrow('a model of faces: choose Face first')
  await expect(unpackModel('face', new Blob(['{"format":"emo-own-model","version":2,"modelJson":{}}\n']))).rejects.toThrow(
    'another version',
  )
  for (const text of ['', '\n', '{}\n', 'null\n', 'RIFF\n'])
    await expect(unpackModel('face', new Blob([text]))).rejects.toThrow('not a model that this page exported')
})
