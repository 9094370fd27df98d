import ndarray from 'ndarray'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NdView } from '../internal/ndView.ts'

/** All that can be read from a view, whichever class it is of. */
function facts(view: Pick<NdView, 'shape' | 'stride' | 'offset' | 'size' | 'dimension' | 'dtype'> & { get(...at: number[]): number }) {
  const [rows, columns = 1] = view.shape
  const values = []
  for (let i = 0; i < (rows ?? 1); i++) for (let j = 0; j < columns; j++) values.push(view.get(...[i, j].slice(0, view.dimension)))
  return {
    shape: view.shape,
    stride: view.stride,
    offset: view.offset,
    size: view.size,
    dimension: view.dimension,
    dtype: view.dtype,
    values,
  }
}

const index = fc.option(fc.integer({ min: -1, max: 2 }), { nil: null })

test('behaves as the ndarray package, operation by operation', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 3, max: 6 }),
      fc.integer({ min: 3, max: 6 }),
      fc.array(
        fc.oneof(
          fc.tuple(fc.constantFrom('lo', 'hi', 'pick'), fc.tuple(index, index)),
          fc.tuple(fc.constant('step'), fc.tuple(fc.constantFrom(-2, -1, 1, 2), fc.constantFrom(-1, 1, 2))),
          fc.tuple(fc.constant('transpose'), fc.constantFrom([1, 0] as const, [0, 1] as const)),
        ),
        { maxLength: 3 },
      ),
      (rows, columns, operations) => {
        const data = Float32Array.from({ length: rows * columns }, (_, i) => i)
        let ours = new NdView(data, [rows, columns], [columns, 1], 0)
        let theirs = ndarray(data, [rows, columns])
        for (const [name, given] of operations) {
          // Both refuse to make sense of indices beyond the shape or of axes that are gone.
          if (ours.dimension === 0 || ours.shape.some((n) => n < 3)) break
          const at = name === 'transpose' && ours.dimension < 2 ? [0] : [...given].slice(0, ours.dimension)
          ours = (ours[name as 'lo'] as (...at: unknown[]) => NdView)(...at)
          theirs = (theirs[name as 'lo'] as (...at: unknown[]) => typeof theirs)(...at)
          if (ours.dimension > 0) expect(facts(ours)).toEqual(facts(theirs as never))
        }
        if (ours.dimension === 2) {
          expect(ours.order).toEqual(theirs.order)
          expect(ours.index(1, 0)).toBe(theirs.index(1, 0))
          ours.set(0, 0, 99)
          expect(theirs.get(0, 0)).toBe(99)
          expect(ours.T.get(1, 0)).toBe(ours.get(0, 1))
        }
      },
    ),
  )
})
