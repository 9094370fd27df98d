import { EmoError } from '@emo/errors'

/** Slots of the control words that all replicas and the coordinator share. */
export const control = {
  arrived: 0,
  generation: 1,
  aborted: 2,
  /** Written by the coordinator at any time. */
  request: 3,
  /** Replica 0's copy of the request: written before a step's first barrier, to be read before its last. */
  decision: 4,
  /** Whether the run ends early: written by replica 0 before the barrier at the end of an epoch. */
  ended: 5,
  length: 8,
} as const

/** Bits of a request. */
export const request = { save: 1, stop: 2 } as const

/** Blocks until all `size` replicas have called it. @throws {@link EmoError} `TRAINING_ABORTED` when another replica failed */
export function barrier(words: Int32Array, size: number): void {
  if (size === 1) return
  const generation = Atomics.load(words, control.generation)
  if (Atomics.add(words, control.arrived, 1) === size - 1) {
    Atomics.store(words, control.arrived, 0)
    Atomics.add(words, control.generation, 1)
    Atomics.notify(words, control.generation)
    return
  }
  while (Atomics.load(words, control.generation) === generation) {
    if (Atomics.load(words, control.aborted) !== 0) throw new EmoError('TRAINING_ABORTED', 'another training worker failed')
    Atomics.wait(words, control.generation, generation, 1000)
  }
}
