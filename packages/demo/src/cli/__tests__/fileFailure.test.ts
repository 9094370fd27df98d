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

  it('is one line that cannot drive a terminal, whatever the name', () => {
    const line = formatFailure(describeFailure('a\nb\u001b[31m', new Error('first\nsecond')))
    expect(line).toBe('emo: a b [31m: first second [UNEXPECTED]')
  })
})
