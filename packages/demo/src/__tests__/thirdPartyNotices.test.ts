import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

it('the built page ships the licences of what is in it, workers included, and its service worker keeps them for offline use', () => {
  const notices = read('../../dist/web/licences.txt')
  const listed = [...notices.matchAll(/^(\S+) \d+\.\d+\.\d+ \((.+)\)$/gm)].map(([, name, licence]) => `${name}: ${licence}`)
  expect(listed).toEqual(
    expect.arrayContaining([
      'codec-parser: LGPL-3.0-or-later', // in a worker
      'mpg123-decoder: MIT',
      '@tensorflow/tfjs-core: Apache-2.0', // in a worker
      'preact: MIT',
      'workbox-core: MIT',
      '@fontsource-variable/figtree: OFL-1.1',
      '@emo/speech-model: MIT AND CC-BY-NC-SA-4.0',
    ]),
  )
  expect(listed.filter((line) => line.startsWith('@emo/demo'))).toEqual([])
  expect(notices).toContain('Contains mpg123 (LGPL-2.1')
  expect(notices).toMatch(/GNU LESSER GENERAL PUBLIC LICENSE\s+Version 3/)
  expect(notices).toMatch(/GNU LESSER GENERAL PUBLIC LICENSE\s+Version 2\.1/)
  expect(notices).toMatch(/GNU GENERAL PUBLIC LICENSE\s+Version 3/)
  expect(read('../../dist/web/sw.js')).toContain('licences.txt')
})
