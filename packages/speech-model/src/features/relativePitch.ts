/** Where the signal correlates less with itself one period later, there is no pitch to speak of. */
const voicedPeriodicity = 0.6
/** Farther from the median, octaves, pitch trackers are wrong more often than right. */
const widest = 1

/**
 * Turns the pitches of an analysis into what a model sees of them. Who speaks matters less than how the voice moves, so they are measured from the
 * recording's own median. In place: of each pair of log2 of a pitch times its periodicity, and the periodicity, the first becomes octaves above the median of
 * all that are voiced, times the periodicity, and 0 where there is no voice.
 *
 * @param rows - the first row's pitches, and all that follows
 * @param width - values from one row to the next
 * @param pairs - pitches a row
 * @param loud - which rows may be voice
 */
export function relatePitch(rows: Float32Array, width: number, pairs: number, loud: readonly boolean[]): void {
  const places = loud.flatMap((isLoud, t) => Array.from({ length: pairs }, (_, i) => ({ isLoud, at: t * width + 2 * i })))
  const pitches = places.map(({ isLoud, at }) => (isLoud && rows[at + 1] > voicedPeriodicity ? rows[at] / rows[at + 1] : undefined))
  const voiced = pitches.filter((pitch) => pitch !== undefined).sort((a, b) => a - b)
  const median = (voiced[(voiced.length - 1) >> 1] + voiced[voiced.length >> 1]) / 2
  places.forEach(({ at }, i) => {
    const pitch = pitches[i]
    rows[at] = pitch === undefined ? 0 : rows[at + 1] * Math.min(widest, Math.max(-widest, pitch - median))
  })
}
