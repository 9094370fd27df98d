import type { Emotion } from '@emo/datasets'
import { expect, it } from 'vitest'
import { personalize, type Trainer } from '../personalize.ts'
import type { Example } from '../protocol.ts'

const example = (emotion: Emotion): Example => ({ emotion, sound: { samples: new Float32Array(1), sampleRate: 16_000 } })

/** A model is the list of examples that it has seen: it knows those, and no others. */
function memory(): Trainer<readonly Example[]> & { live: number; trained: number[] } {
  const trainer = {
    live: 0,
    trained: [] as number[],
    fineTune: (examples: readonly Example[], onProgress: (done: number) => void) => {
      trainer.live++
      trainer.trained.push(examples.length)
      onProgress(1)
      return Promise.resolve(examples)
    },
    scores: (one: Example, model?: readonly Example[]) => (model?.includes(one) ? { [one.emotion]: 1 } : { calm: 1 }),
    dispose: () => void trainer.live--,
  }
  return trainer
}

it('judges each example by a model that did not learn from it', async () => {
  const trainer = memory()
  const progress: number[] = []
  const examples = (['anger', 'anger', 'anger', 'fear', 'fear'] as const).map(example)
  const { comparison, model } = await personalize(trainer, examples, (done) => progress.push(done))
  expect(comparison).toEqual({ examples: 5, heldOut: true, before: { right: 0, probability: 0 }, after: { right: 0, probability: 0 } })
  expect(trainer.trained).toEqual([2, 3, 5])
  expect(trainer.live).toBe(1)
  expect(model).toHaveLength(5)
  expect(progress).toEqual([1 / 3, 2 / 3, 1])
})

it('says when there are too few for that', async () => {
  for (const emotions of [['anger', 'anger', 'anger'], ['anger', 'anger', 'fear'], ['calm']] as const) {
    const { comparison } = await personalize(memory(), emotions.map(example), () => undefined)
    expect(comparison.heldOut).toBe(false)
    expect(comparison.after).toEqual({ right: emotions.length, probability: 1 })
  }
})
