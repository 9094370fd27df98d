/** Which device a failure is about. */
export type DeviceKind = 'microphone' | 'camera'

const WORDS = {
  microphone: { the: 'the microphone', is: 'the microphone is', no: 'no microphone', it: 'it', a: 'a microphone' },
  camera: { the: 'the camera', is: 'the camera is', no: 'no camera', it: 'it', a: 'a camera' },
  both: {
    the: 'the microphone and the camera',
    is: 'the microphone and the camera are',
    no: 'neither a microphone nor a camera',
    it: 'them',
    a: 'a microphone and a camera',
  },
} as const

/**
 * Why a device could not be started, and what to do about it, in plain words.
 *
 * @param again - what tries again, such as "press Start": only what the person can do now
 * @param meanwhile - what goes on without it, a sentence
 */
export function explainFailure(device: DeviceKind | 'both', error: unknown, again: string, meanwhile?: string): string {
  const { reason, remedy } = explain(device, error)
  return [reason, meanwhile, remedy === '' ? '' : remedy ? `${remedy}, then ${again}.` : `To try again, ${again}.`]
    .filter(Boolean)
    .join(' ')
}

/** @returns `remedy`: what to do first; empty where nothing helps */
function explain(device: DeviceKind | 'both', error: unknown): { reason: string; remedy?: string } {
  const { name, message } = error as { name?: string; message?: string }
  const { the, is, no, it, a } = WORDS[device]
  switch (name) {
    case 'NotAllowedError':
      return {
        reason: `The browser may not use ${the}.`,
        remedy: `Allow ${it} in the address bar (or in the system's privacy settings)`,
      }
    case 'NotFoundError':
      return { reason: `There is ${no}.`, remedy: 'Connect one' }
    case 'NotReadableError':
    case 'AbortError':
      return { reason: `${capital(is)} busy.`, remedy: `Close the other program or tab that uses ${it}` }
    case 'OverconstrainedError':
      return { reason: `The chosen ${device} is gone.`, remedy: 'Connect it or another one' }
    case 'SecurityError':
      return { reason: `Browsers give ${a} only to pages served by https or from this computer.`, remedy: '' }
    default:
      return {
        reason: message ? `${capital(the)} or the model could not be started: ${ended(message)}` : `${capital(the)} could not be started.`,
      }
  }
}

/**
 * Why both devices could not be started, or one of them: once where the reason is the same.
 *
 * @param failures - the error of each device that failed
 */
export function explainFailures(failures: Readonly<Partial<Record<DeviceKind, unknown>>>, again: string, meanwhile?: string): string {
  const kinds = Object.keys(failures) as DeviceKind[]
  const names = new Set(kinds.map((kind) => (failures[kind] as { name?: string }).name))
  const alike = kinds.length > 1 && names.size === 1 && !names.has('Error') && !names.has('OverconstrainedError')
  if (alike) return explainFailure('both', failures[kinds[0]], again, meanwhile)
  return kinds.map((kind) => explainFailure(kind, failures[kind], again, meanwhile)).join(' ')
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function ended(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
