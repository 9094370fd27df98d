import { expect, test } from 'vitest'
import { cached } from '../internal/cached.ts'

test('builds once what is asked for again, and holds no more than it may', () => {
  let built = 0
  const square = cached((x: number) => ({ built: ++built, square: x * x }), 2)
  expect(square(3)).toBe(square(3))
  square(4)
  expect(square(3)).toMatchObject({ built: 1, square: 9 })
  square(5) // one too many: the others are forgotten
  expect(square(3)).toMatchObject({ built: 4, square: 9 })
})
