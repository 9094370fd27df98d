/** Index of the largest value, the first of several. */
export function indexOfMax(values: Float64Array | Uint32Array): number {
  return values.indexOf(Math.max(...values))
}
