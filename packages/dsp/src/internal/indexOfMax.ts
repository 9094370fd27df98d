/** Index of the largest value, the first of several. */
export function indexOfMax(values: Float32Array | Float64Array): number {
  return (values as Float64Array).reduce((best, value, i) => (value > values[best] ? i : best), 0)
}
