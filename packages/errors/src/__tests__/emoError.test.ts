import { expect, test } from 'vitest'
import { EmoError, EmoRangeError } from '../index.ts'

test('carries a code, a message, details and a cause', () => {
  const cause = new Error('inner')
  const error = new EmoError('AUDIO_EMPTY', 'no samples', { details: { length: 0 }, cause })
  expect(error).toBeInstanceOf(Error)
  expect(error).toMatchObject({ name: 'EmoError', code: 'AUDIO_EMPTY', message: 'no samples', details: { length: 0 }, cause })
})

test('instanceof EmoError holds across bundled copies', async () => {
  const url = new URL('../emoError.ts?copy', import.meta.url).href
  const copy = (await import(/* @vite-ignore */ url)) as typeof import('../emoError.ts')
  expect(copy.EmoError).not.toBe(EmoError)
  expect(new copy.EmoError('X', 'x')).toBeInstanceOf(EmoError)
  expect(new Error('x')).not.toBeInstanceOf(EmoError)
  expect(null).not.toBeInstanceOf(EmoError)
})

test('a range error has the semantics of RangeError and is of the family', () => {
  const error = new EmoRangeError('HOP_NOT_POSITIVE', 'hopLength is -1')
  expect(error.name).toBe('RangeError')
  for (const parent of [Error, RangeError, EmoError, EmoRangeError]) expect(error).toBeInstanceOf(parent)
  expect(error).toMatchObject({ code: 'HOP_NOT_POSITIVE', details: {} })
  for (const other of [new EmoError('X', 'x'), new RangeError('x'), null, 'x']) expect(other).not.toBeInstanceOf(EmoRangeError)
})

test('a subclass is told from its parents', () => {
  class Special extends EmoError {}
  class SpecialRange extends EmoRangeError {}
  expect(new Special('X', 'x')).toBeInstanceOf(Special)
  expect(new Special('X', 'x')).toBeInstanceOf(EmoError)
  expect(new EmoError('X', 'x')).not.toBeInstanceOf(Special)
  expect(new SpecialRange('X', 'x')).toBeInstanceOf(SpecialRange)
  expect(new EmoRangeError('X', 'x')).not.toBeInstanceOf(SpecialRange)
})
