import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collectFiles } from '../collectFiles.ts'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'emo-collect-'))
  mkdirSync(join(root, 'takes/deep'), { recursive: true })
  mkdirSync(join(root, 'empty'))
  for (const name of ['takes/b.wav', 'takes/a.WAV', 'takes/deep/c.png', 'takes/notes.txt', 'takes/[odd].wav', 'plain.txt'])
    writeFileSync(join(root, name), 'x')
  symlinkSync(join(root, 'nowhere.wav'), join(root, 'dangling[1].wav'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const inRoot = (...names: string[]) => names.map((name) => join(root, name))

describe('collectFiles', () => {
  it('takes files as they are, in order, none twice', async () => {
    const { files, failures } = await collectFiles(inRoot('plain.txt', 'takes/b.wav', 'plain.txt'))
    expect(files).toEqual(inRoot('plain.txt', 'takes/b.wav'))
    expect(failures).toEqual([])
  })

  it('searches folders for recordings and pictures, sorted, whatever the case of their ending', async () => {
    const { files } = await collectFiles([root + '/takes/'])
    expect(files).toEqual(inRoot('takes/[odd].wav', 'takes/a.WAV', 'takes/b.wav', 'takes/deep/c.png'))
  })

  it('expands patterns', async () => {
    expect((await collectFiles([join(root, '**/*.png')])).files).toEqual(inRoot('takes/deep/c.png'))
    expect((await collectFiles([join(root, 'takes/?.{wav,WAV}')])).files).toEqual(inRoot('takes/a.WAV', 'takes/b.wav'))
  })

  it('does not read an existing name as a pattern', async () => {
    expect((await collectFiles(inRoot('takes/[odd].wav'))).files).toEqual(inRoot('takes/[odd].wav'))
  })

  it.each([
    ['a missing file', 'missing.wav', 'FILE_NOT_FOUND'],
    ['a pattern without a match', 'takes/*.mp3', 'FILE_NOT_FOUND'],
    ['a folder without media', 'empty', 'FOLDER_EMPTY'],
    ['a dangling link', 'dangling[1].wav', 'FILE_NOT_FOUND'],
    ['a path through a file', 'plain.txt/x.wav', 'FILE_NOT_FOUND'],
  ])('reports %s and goes on', async (_, name, code) => {
    const { files, failures } = await collectFiles(inRoot(name, 'takes/b.wav'))
    expect(files).toEqual(inRoot('takes/b.wav'))
    expect(failures).toEqual([expect.objectContaining({ file: join(root, name), code })])
  })
})
