import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'tsup'
import { afterAll, beforeAll, expect, test } from 'vitest'

type Errors = typeof import('../index.ts')

// As every package bundles them: the compiler renames classes, which sources alone do not show.
const folder = mkdtempSync(join(tmpdir(), 'emo-errors-'))
const copies: Errors[] = []

beforeAll(async () => {
  for (const copy of ['one', 'two']) {
    const outDir = join(folder, copy)
    await build({
      entry: { [copy]: new URL('../index.ts', import.meta.url).pathname },
      format: ['esm'],
      target: 'es2022',
      outDir,
      outExtension: () => ({ js: '.mjs' }),
      config: false,
      silent: true,
    })
    copies.push((await import(/* @vite-ignore */ pathToFileURL(join(outDir, `${copy}.mjs`)).href)) as Errors)
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

test('errors of a bundle bear the documented names', () => {
  const [{ EmoError, EmoRangeError }] = copies
  expect(String(new EmoError('X', 'what is wrong'))).toBe('EmoError: what is wrong')
  expect(String(new EmoRangeError('X', 'what is wrong'))).toBe('RangeError: what is wrong')
  expect(EmoError.name).toBe('EmoError')
})

test('instanceof holds from one bundle to another', () => {
  const [one, two] = copies
  expect(one.EmoError).not.toBe(two.EmoError)
  const [error, range] = [new one.EmoError('X', 'x'), new one.EmoRangeError('X', 'x')]
  expect(error).toBeInstanceOf(two.EmoError)
  expect(error).not.toBeInstanceOf(two.EmoRangeError)
  for (const parent of [Error, RangeError, two.EmoError, two.EmoRangeError]) expect(range).toBeInstanceOf(parent)
  expect(new RangeError('x')).not.toBeInstanceOf(two.EmoRangeError)
  expect(new RangeError('x')).not.toBeInstanceOf(two.EmoError)
})
