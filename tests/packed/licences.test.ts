import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { textOf } from './tarballFiles.ts'

const ours = readFileSync(join(inject('workspace'), 'LICENSE'), 'utf8')

describe.each(inject('tarballs'))('$name', ({ path }) => {
  test('carries the terms of its code', () => {
    expect(textOf(path, 'LICENSE')).toBe(ours)
  })
})

test("the runtime carries the terms of TensorFlow.js' WebAssembly file", () => {
  const { path } = inject('tarballs').find(({ name }) => name === '@emo/runtime')!
  expect(textOf(path, 'LICENSE-TENSORFLOW')).toContain('Apache License')
})

test.each([
  ['@emo/speech-model', 'CC-BY-NC-SA-4.0', 'LICENSE-WEIGHTS'],
  ['@emo/face-model', 'LicenseRef-FER2013-weights', 'LICENSE-WEIGHTS.md'],
])('%s says that its weights have terms of their own', (name, terms, file) => {
  const { path } = inject('tarballs').find((tarball) => tarball.name === name)!
  expect((JSON.parse(textOf(path, 'package.json')) as { license: string }).license).toContain(terms)
  expect(textOf(path, file)).not.toBe('')
})
