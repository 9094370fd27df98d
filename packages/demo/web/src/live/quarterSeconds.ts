import type { TimedAnswer } from '../workers/protocol.ts'

const STEP = 0.25

/**
 * Moments as they came, unevenly, on an even grid: the last answer in each quarter of a second, none where there was none. A lane draws columns as wide as its
 * closest moments are apart: only on a grid do gaps mean silence or no face.
 */
export function everyQuarterSecond(moments: readonly TimedAnswer[], from: number, to: number): TimedAnswer[] {
  const first = Math.floor(from / STEP)
  const slots: TimedAnswer[] = []
  for (let slot = first; slot * STEP < to; slot++) slots.push({ time: (slot + 0.5) * STEP, answer: undefined })
  for (const { time, answer } of moments) {
    const slot = Math.floor(time / STEP) - first
    if (answer && slot >= 0 && slot < slots.length) slots[slot] = { time: slots[slot].time, answer }
  }
  return slots
}
