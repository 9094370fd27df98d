/** Stretches from where they start and end, in turns. */
export function pairs(edges: readonly number[]): [start: number, end: number][] {
  return edges.flatMap((start, i) => (i % 2 ? [] : [[start, edges[i + 1]] as [number, number]]))
}
