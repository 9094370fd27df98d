/** Index of the largest value, the first of several. */
export function indexOfMax(values: Float64Array): number {
  return values.reduce((best, value, i) => (value > values[best] ? i : best), 0)
}
