import { EmoError, EmoRangeError } from '@emo/errors'
import * as tf from './tf.ts'

/**
 * For functions that build networks: makes sure that there is a backend to hold the weights.
 *
 * @throws {@link EmoError} `BACKEND_NOT_STARTED`
 */
export function checkBackend(): void {
  try {
    tf.backend()
  } catch (cause) {
    throw new EmoError('BACKEND_NOT_STARTED', 'no backend of TensorFlow.js is started; `await startBackend()` of @emo/runtime first', {
      cause,
    })
  }
}

/**
 * For functions that build networks: a number of units, filters, classes and the like.
 *
 * @throws {@link EmoRangeError} `OPTION_RANGE`
 */
export function checkCount(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new EmoRangeError('OPTION_RANGE', `${name} must be a whole number above 0, not ${String(value)}.`, { details: { [name]: value } })
  }
}

/**
 * For functions that build networks: a share of units to drop in training.
 *
 * @throws {@link EmoRangeError} `OPTION_RANGE`
 */
export function checkDropout(value: number): void {
  if (!(value >= 0 && value < 1)) {
    throw new EmoRangeError('OPTION_RANGE', `dropout must be at least 0 and below 1, not ${String(value)}.`, {
      details: { dropout: value },
    })
  }
}
