import { expect, test } from 'vitest'
import { checkOptions } from '../index.ts'

test.each<[unknown, string]>([
  [undefined, 'undefined'],
  [null, 'null'],
  [512, '512'],
  ['paper', 'the string "paper"'],
  [() => 1, 'a function'],
  [['anger'], 'Array of 1'],
  [new Float32Array(3), 'Float32Array of 3'],
])('%s is no options', (given, described) => {
  expect(() => checkOptions(given, '{ hop: 1 }')).toThrow(
    expect.objectContaining({
      code: 'OPTIONS_NOT_OBJECT',
      message: `options is ${described}; give an object, e.g. { hop: 1 }`,
      details: { options: given },
    }) as Error,
  )
})

test('objects of any kind are options', () => {
  for (const given of [{}, Object.create(null), new (class Options {})()]) expect(() => checkOptions(given, '{}')).not.toThrow()
})
