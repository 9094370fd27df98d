// A training command as recipes have one: `command.ts '{"directory": ..., "workers": ..., "config": ...}'`.
import { EmoError } from '@emo/errors'
import { train, type TrainOptions } from '../../train.ts'
import type { ClassifierConfig } from './classifier.ts'

const { config, ...options } = JSON.parse(process.argv[2]) as TrainOptions & { config: ClassifierConfig }
try {
  await train(new URL('./classifier.ts', import.meta.url), config, options)
} catch (error) {
  console.error(error instanceof EmoError ? error.code : error)
  process.exitCode = 3
}
