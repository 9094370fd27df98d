/** The same samples, in the same memory, that say how far somebody is who takes parts of them one after the other. */
class ReportingSamples extends Float32Array {
  onPart: ((done: number) => void) | undefined

  /** Parts are plain: who reads them does not notice. */
  static get [Symbol.species](): Float32ArrayConstructor {
    return Float32Array
  }

  override subarray(begin = 0, end = this.length): Float32Array<ArrayBuffer> {
    this.onPart?.(begin / this.length)
    return super.subarray(begin, end)
  }
}

/**
 * A model judges a whole recording in one call and says nothing on its way, half a minute for an hour of sound. It takes the recording window by window, though:
 * which one it asks for tells how far it is.
 *
 * @param onPart - share of the recording before the part that is taken, 0 to 1
 */
export function reportingSamples(samples: Float32Array, onPart: (done: number) => void): Float32Array {
  const reporting = new ReportingSamples(samples.buffer as ArrayBuffer, samples.byteOffset, samples.length)
  reporting.onPart = onPart
  return reporting
}
