import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unprivileged } from '../../../../datasets/src/__tests__/trees.ts'
import { collectFiles } from '../collectFiles.ts'

let root: string
/** Where the patterns do not look. */
let elsewhere: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'emo-collect-'))
  elsewhere = mkdtempSync(join(tmpdir(), 'emo-collect-'))
  mkdirSync(join(root, 'takes/deep'), { recursive: true })
  mkdirSync(join(root, 'empty'))
  for (const name of ['takes/b.wav', 'takes/a.WAV', 'takes/deep/c.png', 'takes/notes.txt', 'takes/[odd].wav', 'plain.txt'])
    writeFileSync(join(root, name), 'x')
  symlinkSync(join(root, 'nowhere.wav'), join(root, 'dangling[1].wav'))
})
afterAll(() => {
  for (const folder of [root, elsewhere]) rmSync(folder, { recursive: true, force: true })
})

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

  it('takes a file once, however it is spelled, as it was spelled first', async () => {
    const first = `${root}/./plain.txt`
    expect((await collectFiles([first, join(root, 'plain.txt'), `${root}//plain.txt`])).files).toEqual([first])
  })

  it('walks each folder once, whatever links lead to it, and files behind links, broken ones, too', async () => {
    const folder = join(elsewhere, 'linked')
    mkdirSync(join(folder, 'z'), { recursive: true })
    writeFileSync(join(folder, 'z/a.wav'), 'x')
    for (const [target, name] of [
      ['.', 'self'],
      ['z', 'a'],
      [join(root, 'takes'), 'outside'],
      ['nowhere.wav', 'broken.wav'],
      ['nowhere', 'broken'],
    ])
      symlinkSync(target, join(folder, name))
    const { files, failures } = await collectFiles([folder])
    expect(files).toEqual(
      ['broken.wav', 'outside/[odd].wav', 'outside/a.WAV', 'outside/b.wav', 'outside/deep/c.png', 'z/a.wav'].map((name) =>
        join(folder, name),
      ),
    )
    expect(failures).toEqual([])
  })

  it('takes what is behind a link and .. for what it is', async () => {
    const folder = join(elsewhere, 'behind')
    mkdirSync(join(folder, 'real/deep'), { recursive: true })
    mkdirSync(join(folder, 'here'))
    symlinkSync('../real/deep', join(folder, 'here/link'))
    for (const name of ['real/a.wav', 'here/a.wav']) writeFileSync(join(folder, name), 'x')
    const [one, other] = [`${folder}/here/a.wav`, `${folder}/here/link/../a.wav`]
    expect((await collectFiles([one, other])).files).toEqual([one, other])
    expect((await collectFiles([`${folder}/here/link/..`])).files).toEqual([other])
  })

  it('takes patterns as they are typed on Windows', async () => {
    // The library itself stays that of this system.
    await import('tinyglobby')
    const { platform } = process
    Object.defineProperty(process, 'platform', { value: 'win32' })
    const { files } = await collectFiles([`${root}\\takes\\*.wav`]).finally(() =>
      Object.defineProperty(process, 'platform', { value: platform }),
    )
    expect(files).toEqual(inRoot('takes/[odd].wav', 'takes/a.WAV', 'takes/b.wav'))
  })

  it('goes by endings, of which a name without a dot has none', async () => {
    const folder = join(elsewhere, 'endings')
    mkdirSync(folder, { recursive: true })
    for (const name of ['a.wav', 'b.JFIF', 'tiff', 'gif', '.png', 'wav']) writeFileSync(join(folder, name), 'x')
    expect(await collectFiles([folder])).toEqual({ files: ['a.wav', 'b.JFIF'].map((name) => join(folder, name)), failures: [] })
  })

  it('names folders that may not be read, below folders and for patterns', async () => {
    const folder = join(elsewhere, 'some')
    mkdirSync(join(folder, 'locked'), { recursive: true })
    for (const name of ['a.wav', 'locked/b.wav']) writeFileSync(join(folder, name), 'x')
    chmodSync(elsewhere, 0o755)
    chmodSync(join(folder, 'locked'), 0)
    // Loaded when it is first needed, which may be where only the administrator may read.
    await import('tinyglobby')
    const collected = await unprivileged(() => Promise.all([folder, join(folder, '**/*.wav')].map((arg) => collectFiles([arg]))))
    for (const { files, failures } of collected) {
      expect(files).toEqual([join(folder, 'a.wav')])
      expect(failures).toEqual([{ file: join(folder, 'locked'), code: 'FILE_NOT_READABLE', message: 'permission denied' }])
    }
    chmodSync(join(folder, 'locked'), 0o755)
  })

  it('leaves out hidden files and folders, and counts recordings and pictures of other formats', async () => {
    const folder = join(elsewhere, 'phone')
    mkdirSync(join(folder, '.hidden'), { recursive: true })
    mkdirSync(join(folder, 'deep'))
    for (const name of ['a.wav', 'b.m4a', 'deep/c.M4A', 'd.webp', 'e.txt', '.f.m4a', '.g.wav', '.hidden/h.wav'])
      writeFileSync(join(folder, name), 'x')
    const { files, failures } = await collectFiles([folder])
    expect(files).toEqual([join(folder, 'a.wav')])
    expect(failures).toEqual([
      {
        file: folder,
        code: 'FILE_UNSUPPORTED',
        message: expect.stringMatching(/^not read: 2 m4a, 1 webp; give recordings as wav/) as string,
      },
    ])
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
