/** Which device a failure is about. */
export type DeviceKind = 'microphone' | 'camera'

/** Why a device could not be started, and what to do about it, in plain words. */
export function explainFailure(device: DeviceKind, error: unknown): string {
  const { name, message } = error as { name?: string; message?: string }
  switch (name) {
    case 'NotAllowedError':
      return `The browser may not use the ${device}. Allow it in the address bar (or in the system's privacy settings) and press Start again.`
    case 'NotFoundError':
      return `There is no ${device}. Connect one, or choose the other mode.`
    case 'NotReadableError':
    case 'AbortError':
      return `The ${device} is busy. Close the other program or tab that uses it and press Start again.`
    case 'OverconstrainedError':
      return `The chosen ${device} is gone. Choose another one.`
    case 'SecurityError':
      return `Browsers give a ${device} only to pages served by https or from this computer.`
    default:
      return message ? `The ${device} or its model could not be started: ${message}` : `The ${device} could not be started.`
  }
}
