import { describe, expect, it } from 'vitest'
import { explainFailure, explainFailures } from '../explainFailure.ts'

const refused = new DOMException('', 'NotAllowedError')
const absent = new DOMException('', 'NotFoundError')

describe('explainFailure', () => {
  it('says why, what goes on, and what to do now', () => {
    expect(explainFailure('camera', refused, 'choose Both', 'Going on with the voice alone.')).toBe(
      "The browser may not use the camera. Going on with the voice alone. Allow it in the address bar (or in the system's privacy settings), then choose Both.",
    )
    expect(explainFailure('microphone', absent, 'press Start')).toBe('There is no microphone. Connect one, then press Start.')
  })

  it('repeats an unknown message as a sentence', () => {
    expect(explainFailure('camera', new Error('Weights are damaged'), 'press Start')).toBe(
      'The camera or the model could not be started: Weights are damaged. To try again, press Start.',
    )
  })

  it('advises nothing where nothing helps', () => {
    const text = explainFailure('camera', new DOMException('', 'SecurityError'), 'press Start')
    expect(text).toBe('Browsers give a camera only to pages served by https or from this computer.')
  })
})

describe('explainFailures', () => {
  it('gives one reason once', () => {
    expect(explainFailures({ microphone: absent, camera: absent }, 'press Start')).toBe(
      'There is neither a microphone nor a camera. Connect one, then press Start.',
    )
    expect(explainFailures({ microphone: refused, camera: refused }, 'press Start')).toBe(
      "The browser may not use the microphone and the camera. Allow them in the address bar (or in the system's privacy settings), then press Start.",
    )
  })

  it('gives two reasons one after the other', () => {
    expect(explainFailures({ microphone: absent, camera: refused }, 'press Start')).toMatch(
      /^There is no microphone\..* The browser may not/,
    )
  })
})
