import type { TimedAnswer } from '../workers/protocol.ts'

const STEP = 0.25
/** How long an answer stands until the next moment: the pace of a slow machine is no gap. */
const HOLD = 0.75

/**
 * Moments as they came, unevenly, on an even grid: the last answer in each quarter of a second, none where nothing was recognised
 * or nothing came. A lane draws columns as wide as its
 * closest moments are apart: only on a grid do gaps mean silence or no face.
 */
export function everyQuarterSecond(moments: readonly TimedAnswer[], from: number, to: number): TimedAnswer[] {
  const first = Math.floor(from / STEP)
  const slots: TimedAnswer[] = []
  for (let slot = first; slot * STEP < to; slot++) slots.push({ time: (slot + 0.5) * STEP, answer: undefined })
  moments.forEach(({ time, answer }, index) => {
    if (!answer) return
    const until = Math.min(time + HOLD, moments.at(index + 1)?.time ?? to)
    const last = Math.min(slots.length - 1, Math.max(Math.floor(time / STEP), Math.ceil(until / STEP) - 1) - first)
    for (let slot = Math.max(0, Math.floor(time / STEP) - first); slot <= last; slot++) slots[slot] = { time: slots[slot].time, answer }
  })
  return slots
}

/** The answer of an even grid at a time; of its ends where the time is beyond them. */
export function answerAt(slots: readonly TimedAnswer[], time: number): TimedAnswer['answer'] {
  if (slots.length === 0) return undefined
  const slot = Math.floor(time / STEP) - Math.floor(slots[0].time / STEP)
  return slots[Math.max(0, Math.min(slots.length - 1, slot))].answer
}
