/**
 * Mean power of each frame's mel bands, dB.
 *
 * @param mel - dB of power, `[frames, bands]`
 * @param used - how many of the bands count, from the lowest; default all
 */
export function frameLevels(mel: Float32Array, bands: number, used = bands): Float64Array {
  return Float64Array.from({ length: mel.length / bands }, (_, t) => {
    let power = 0
    for (let k = t * bands; k < t * bands + used; k++) power += Math.exp(mel[k] * (Math.LN10 / 10))
    return 10 * Math.log10(power / used)
  })
}
