/** Rounds halves to the even neighbour, as `numpy.rint` and Python's `round`. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x)
  return x - floor === 0.5 ? floor + (floor % 2) : Math.round(x)
}
