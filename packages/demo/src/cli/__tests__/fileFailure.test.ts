import { EmoError } from '@emo/errors'
import { describe, expect, it } from 'vitest'
import { describeFailure, formatFailure } from '../fileFailure.ts'

describe('describeFailure', () => {
  it.each([
    ['EACCES', 'FILE_NOT_READABLE'],
    ['EPERM', 'FILE_NOT_READABLE'],
    ['ENOENT', 'FILE_NOT_FOUND'],
    ['EISDIR', 'FILE_IS_FOLDER'],
    ['EIO', 'FILE_NOT_READABLE'],
    ['ERR_FS_FILE_TOO_LARGE', 'FILE_TOO_LARGE'],
  ])('puts the system error %s in words', (code, expected) => {
    expect(describeFailure('a', Object.assign(new Error('x'), { code }))).toMatchObject({ code: expected })
  })

  it('passes the codes of the packages through, without repeating the file name', () => {
    expect(describeFailure('a.wav', new EmoError('AUDIO_TRUNCATED', 'a.wav: the end is missing'))).toEqual({
      file: 'a.wav',
      code: 'AUDIO_TRUNCATED',
      message: 'the end is missing',
    })
  })

  it.each([
    [
      new EmoError('AUDIO_TOO_LONG', 'l.wav: 3700 s of sound; cut it, or raise maxSeconds (now 3600)', {
        details: { seconds: 3700.2, maxSeconds: 3600 },
      }),
      '3700 s of sound; cut it into parts of at most 3600 s',
    ],
    [
      new EmoError('IMAGE_TOO_LARGE', 'l.jpg: 10000 by 10000 pixels; make it smaller, or raise maxPixels (now 64000000)', {
        details: { width: 10_000, height: 10_000, maxPixels: 64_000_000 },
      }),
      '10000 by 10000 pixels; make it smaller: at most 64 million pixels',
    ],
  ])('advises no option that the command line does not have: %s', (error, message) => {
    expect(describeFailure('l', error)).toEqual({ file: 'l', code: error.code, message })
  })

  it('says why a file is not found whose name is no UTF-8', () => {
    const error = Object.assign(new Error('x'), { code: 'ENOENT' })
    expect(describeFailure('bad\ufffd.wav', error)).toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: 'the name is not UTF-8, so the file cannot be opened; rename it',
    })
  })

  it('is one line that cannot drive a terminal, whatever the name', () => {
    const line = formatFailure(describeFailure('a\nb\u001b[31m', new Error('first\nsecond')))
    expect(line).toBe('emo: a b [31m: first second [UNEXPECTED]')
  })
})
