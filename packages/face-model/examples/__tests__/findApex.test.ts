import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'

const script = fileURLToPath(new URL('../findApex.ts', import.meta.url))
const portrait = fileURLToPath(new URL('../../src/__tests__/photos/astronaut.png', import.meta.url))
let typedIn: string

beforeAll(() => {
  typedIn = mkdtempSync(join(tmpdir(), 'find-apex-'))
  mkdirSync(join(typedIn, 'none'))
  mkdirSync(join(typedIn, 'frames'))
  for (const number of [1, 2, 10]) copyFileSync(portrait, join(typedIn, 'frames', `frame${number}.png`))
})

afterAll(() => {
  rmSync(typedIn, { recursive: true })
})

/** As `npm run -w packages/face-model example:apex` does. */
function findApex(folder: string) {
  return spawnSync(process.execPath, ['--import', 'tsx', '--conditions=@emo/source', script, folder], {
    encoding: 'utf8',
    env: { ...process.env, INIT_CWD: typedIn },
  })
}

it('takes frames in the order of their numbers, from a folder beside where the command was typed', () => {
  const { stdout, status } = findApex('frames')
  expect(stdout.match(/frame\d+/g)).toEqual(['frame1', 'frame2', 'frame10'])
  expect(status).toBe(0)
})

it('says so when there are no frames', () => {
  const { stderr, status } = findApex('none')
  expect(stderr).toBe(`${join(typedIn, 'none')} has 0 png or jpg files; give a folder of at least two frames.\n`)
  expect(status).toBe(1)
})
