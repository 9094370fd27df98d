import { decodeImage } from '@emo/datasets'
import { expect, it } from 'vitest'
import { explainFileFailure, failure } from '../explainFileFailure.ts'

/** A PNG header that announces 20,000 by 20,000 pixels. */
const huge = new Uint8Array(40)
huge.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
new DataView(huge.buffer).setUint32(16, 20_000)
new DataView(huge.buffer).setUint32(20, 20_000)

it('says to people what the packages say to programmers, and keeps the code', async () => {
  const error: unknown = await decodeImage(huge).catch((thrown: unknown) => thrown)
  expect((error as Error).message).toContain('maxPixels')
  const { code, message } = explainFileFailure(error)
  expect(code).toBe('IMAGE_TOO_LARGE')
  expect(message).not.toMatch(/maxPixels|\bimage:/)
  expect(message).toMatch(/^The picture is too large: .*Make it smaller\.$/)
})

it('knows a file that has gone meanwhile', () => {
  expect(explainFileFailure(new DOMException('A requested file or directory could not be found', 'NotFoundError')).code).toBe(
    'FILE_UNREADABLE',
  )
})

it("leaves the page's own words, and owns up to what it does not know", () => {
  expect(explainFileFailure(failure('FILE_EMPTY'))).toEqual({ code: 'FILE_EMPTY', message: 'The file is empty.' })
  const unreachable = Object.assign(new Error('Connect, then try again.'), { code: 'MODEL_UNREACHABLE' })
  expect(explainFileFailure(unreachable)).toEqual({ code: 'MODEL_UNREACHABLE', message: 'Connect, then try again.' })
  expect(explainFileFailure(new TypeError('x is undefined'))).toMatchObject({ code: 'UNEXPECTED' })
  expect(explainFileFailure(new TypeError('x is undefined')).message).toMatch(/^Something went wrong .*x is undefined/)
})
