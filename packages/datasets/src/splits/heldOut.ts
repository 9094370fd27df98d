import type { Sample } from '../sample.ts'

/** Validation and test sides that splits have handed out. */
const heldOut = new WeakSet<readonly Sample[]>()

/** Remembers that these samples are for evaluation. */
export function markHeldOut(samples: readonly Sample[]): void {
  heldOut.add(samples)
}

/** Whether this very array is the validation or test side of a split. */
export function isHeldOut(samples: readonly Sample[]): boolean {
  return heldOut.has(samples)
}
