/** `'slaney'`: linear below 1 kHz, logarithmic above (Auditory Toolbox); `'htk'`: 2595 log10(1 + f / 700). */
export type MelScale = 'slaney' | 'htk'

// The knee is at 1000 Hz, 15 mel.
const step = /* @__PURE__ */ Math.log(6.4) / 27

/**
 * Frequency in mel.
 *
 * @param hz - frequency in Hz, at least 0
 * @param scale - mel scale (default `'slaney'`)
 */
export function hzToMel(hz: number, scale: MelScale = 'slaney'): number {
  if (scale === 'htk') return 2595 * Math.log10(1 + hz / 700)
  return hz < 1000 ? (3 * hz) / 200 : 15 + Math.log(hz / 1000) / step
}

/**
 * Frequency in Hz of a mel value; the inverse of {@link hzToMel}.
 *
 * @param mel - at least 0
 * @param scale - mel scale (default `'slaney'`)
 */
export function melToHz(mel: number, scale: MelScale = 'slaney'): number {
  if (scale === 'htk') return 700 * (10 ** (mel / 2595) - 1)
  return mel < 15 ? (200 * mel) / 3 : 1000 * Math.exp(step * (mel - 15))
}
