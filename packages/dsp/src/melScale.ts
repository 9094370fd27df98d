/** `'slaney'`: linear below 1 kHz, logarithmic above (Auditory Toolbox); `'htk'`: 2595 log10(1 + f / 700). */
export type MelScale = 'slaney' | 'htk'

const knee = 1000 // Hz
const linear = 66.66666666666667 // Hz a mel below the knee
const step = 0.06875177742094912 // log(6.4) / 27

/**
 * Frequency in mel.
 *
 * @param hz - frequency in Hz, at least 0
 * @param scale - mel scale (default `'slaney'`)
 */
export function hzToMel(hz: number, scale: MelScale = 'slaney'): number {
  if (scale === 'htk') return 2595 * Math.log10(1 + hz / 700)
  return hz < knee ? hz / linear : knee / linear + Math.log(hz / knee) / step
}

/**
 * Frequency in Hz of a mel value; the inverse of {@link hzToMel}.
 *
 * @param mel - at least 0
 * @param scale - mel scale (default `'slaney'`)
 */
export function melToHz(mel: number, scale: MelScale = 'slaney'): number {
  if (scale === 'htk') return 700 * (10 ** (mel / 2595) - 1)
  return mel < knee / linear ? mel * linear : knee * Math.exp(step * (mel - knee / linear))
}
