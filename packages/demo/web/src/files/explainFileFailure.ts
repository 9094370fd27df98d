/** What people are told, by code: the packages' own messages speak to programmers. */
const SENTENCES: Readonly<Record<string, string>> = {
  FILE_EMPTY: 'The file is empty.',
  FILE_UNSUPPORTED: 'Neither a recording nor a picture nor a film that this browser knows.',
  FILE_UNREADABLE: 'The file cannot be read. It may have been moved or changed since you chose it: choose it again.',
  AUDIO_EMPTY: 'There is no sound in this recording.',
  AUDIO_TOO_SHORT: 'The recording is too short to tell. Give one of at least a second.',
  AUDIO_TOO_LONG: 'The recording is longer than an hour. Cut it into parts.',
  AUDIO_TRUNCATED: 'The end of the recording is missing. Copy the file again.',
  AUDIO_CORRUPT: 'The recording is damaged. Copy the file again.',
  AUDIO_NOT_FINITE: 'The recording is damaged. Copy the file again.',
  AUDIO_INVALID: 'The recording is damaged. Copy the file again.',
  AUDIO_UNSUPPORTED: 'This kind of sound cannot be read. Save it as wav (16 bit), mp3, flac or ogg.',
  AUDIO_UNDECODABLE: 'This browser cannot read the sound in this file. Save it as wav, mp3, flac or ogg.',
  SAMPLE_RATE_INVALID: 'The recording says nothing sensible about its speed. Save it as wav at 16 or 48 kHz.',
  IMAGE_EMPTY: 'There is nothing in this picture.',
  IMAGE_TOO_LARGE: 'The picture is too large: at most 64 million pixels can be judged. Make it smaller.',
  IMAGE_TRUNCATED: 'The end of the picture is missing. Copy the file again.',
  IMAGE_CORRUPT: 'The picture is damaged. Copy the file again.',
  IMAGE_NOT_FINITE: 'The picture is damaged. Copy the file again.',
  IMAGE_UNSUPPORTED: 'This kind of picture cannot be read. Save it as png or jpeg.',
  IMAGE_UNDECODABLE: 'This browser cannot read the picture: it may be damaged, or of a kind that it does not know. Save it as png or jpeg.',
  VIDEO_UNDECODABLE: 'This browser cannot play this film. Save it as mp4 (H.264) or webm.',
  VIDEO_ENDLESS: 'This film does not say how long it is. Save it again as mp4 or webm.',
}

/** A failure of the page itself, with its stable code. */
export function failure(code: string, cause?: unknown): Error & { readonly code: string } {
  return Object.assign(new Error(SENTENCES[code], { cause }), { code })
}

/** Why a file has no answer and what to do about it, in plain words. */
export function explainFileFailure(error: unknown): { readonly code: string; readonly message: string } {
  const { name, code, message } = error as { name?: unknown; code?: unknown; message?: unknown }
  // What browsers call a file that is gone, changed, or on a disk that was taken out.
  if (error instanceof DOMException && (name === 'NotFoundError' || name === 'NotReadableError')) return known('FILE_UNREADABLE')
  if (typeof code === 'string' && code in SENTENCES) return known(code)
  const said = typeof message === 'string' && message ? message : String(error)
  // The page's own words, as of a model that cannot be loaded, can stay; nobody has put the others for people.
  if (typeof code === 'string' && code !== 'UNEXPECTED') return { code, message: said }
  return { code: 'UNEXPECTED', message: `Something went wrong that Emo knows nothing about (${said}). Try again, or give another file.` }
}

function known(code: string): { readonly code: string; readonly message: string } {
  return { code, message: SENTENCES[code] }
}
