import type { Random } from '../random.ts'

/**
 * Mixup within a batch (Zhang et al. 2018), in place: every example with another one, one ratio for all, at least half of the example itself.
 *
 * @param arrays - row-major; inputs, targets and whatever else belongs to the examples
 * @param rows - examples
 * @param shape - of the symmetric beta distribution that the ratio is drawn from, above 0 up to 1; the smaller, the less is mixed
 */
export function mixRows(arrays: readonly Float32Array[], rows: number, shape: number, random: Random): void {
  const drawn = beta(shape, random)
  const share = Math.max(drawn, 1 - drawn)
  const order = random.shuffle(Array.from({ length: rows }, (_, i) => i))
  for (const array of arrays) {
    const before = array.slice()
    const width = array.length / rows
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < width; k++) array[i * width + k] = share * before[i * width + k] + (1 - share) * before[order[i] * width + k]
    }
  }
}

/** Symmetric beta(shape, shape), shape \<= 1 (Jöhnk's rejection). */
function beta(shape: number, random: Random): number {
  for (;;) {
    const x = random.next() ** (1 / shape)
    const y = random.next() ** (1 / shape)
    if (x + y <= 1 && x + y > 0) return x / (x + y)
  }
}
