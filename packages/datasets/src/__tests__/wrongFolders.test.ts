import { describe, expect, it } from 'vitest'
import {
  openAffectNet,
  openCkPlus,
  openCremaD,
  openDataset,
  openEmoDb,
  openFer2013,
  openFerPlus,
  openFileTree,
  openJaffe,
  openNemo,
  openRavdess,
  openSavee,
  openTess,
} from '../index.ts'
import { codeOf, wav, writeTree } from './trees.ts'

const openers = {
  openAffectNet,
  openCkPlus,
  openCremaD,
  openEmoDb,
  openFer2013,
  openFerPlus,
  openJaffe,
  openNemo,
  openRavdess,
  openSavee,
  openTess,
}

describe.each(Object.entries(openers))('%s', (_, open) => {
  it('refuses an empty folder', async () => {
    expect(await codeOf(open(writeTree({})))).toBe('CORPUS_NOT_FOUND')
  })

  it('refuses a folder of something else, and names what it met', async () => {
    const folder = writeTree({ 'holiday/sea.wav': wav(1), 'holiday/sea.png': 'x', 'notes.txt': 'x' })
    await expect(open(folder)).rejects.toMatchObject({ code: 'CORPUS_NOT_FOUND', details: { folder } })
  })

  it('refuses an empty path in place of the current folder', async () => {
    expect(await codeOf(open(''))).toBe('NOT_A_FOLDER')
  })
})

describe('a folder of the corpus in which nothing is right', () => {
  it('is opened, and its problems say what is wrong', async () => {
    const { samples, problems } = await openRavdess(writeTree({ 'Actor_01/03-01-05-01-01-01-01.wav': '' }))
    expect([samples.length, problems.map(({ code }) => code)]).toEqual([0, ['EMPTY_FILE']])
    const table = await openFer2013(writeTree({ 'fer2013.csv': 'emotion,pixels,Usage\n' }))
    expect(table.problems).toMatchObject([{ code: 'INCOMPLETE', path: 'fer2013.csv' }])
  })
})

it('an empty path is no folder for anything else either', async () => {
  expect(await codeOf(openFileTree(''))).toBe('NOT_A_FOLDER')
  expect(await codeOf(openDataset(''))).toBe('NOT_A_FOLDER')
})

it('the message counts the names that do not fit and shows one', async () => {
  await expect(openSavee(writeTree({ 'a.wav': wav(1), 'b.wav': wav(2) }))).rejects.toThrow(
    /no folder of savee: 2 files fit no name of it \(a\.wav: .+\); give/,
  )
})
