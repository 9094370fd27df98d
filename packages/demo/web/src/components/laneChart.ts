import uPlot from 'uplot'
import type { CorpusEmotion } from '@emo/datasets'
import type { TimedAnswer } from '../workers/protocol.ts'

/** An answer that is hardly surer than a guess can still be seen. */
const LEAST_HEIGHT = 0.15
/** Pixels: of the lane itself, of the names of times below it, and of half such a name, which stands out at both ends. */
const LANE_HEIGHT = 46
const AXIS_HEIGHT = 22
const HALF_NAME = 18

/** Names of times below a lane. */
export interface TimeAxis {
  /** Which times of a range have a name. */
  readonly times: (from: number, to: number) => number[]
  readonly name: (time: number, to: number) => string
}

/** Colours of the page's theme. */
export interface LaneColors {
  readonly emotion: (emotion: CorpusEmotion) => string
  readonly line: string
  readonly text: string
  /** The page's typefaces, as CSS lists them. */
  readonly fonts: string
}

/** What a lane shows now. */
export interface LaneContent {
  readonly moments: readonly TimedAnswer[]
  readonly from: number
  readonly to: number
}

/** Height of a lane with its names of times, pixels. */
export function laneHeight(axis: TimeAxis | undefined): number {
  return LANE_HEIGHT + (axis ? AXIS_HEIGHT : 0)
}

/** The columns of a lane: times, and how high each answer stands; nothing where there is none. */
export function laneData(moments: readonly TimedAnswer[]): uPlot.AlignedData {
  return [moments.map(({ time }) => time), moments.map(({ answer }) => (answer ? Math.max(LEAST_HEIGHT, answer.confidence) : null))]
}

/**
 * A lane as uPlot draws it: columns as high as the answer is sure, in the emotion's colour, as wide as the closest two moments are apart; a line at 50 %.
 *
 * @param content - asked again for every picture
 * @param cursor - whether a line can be set on a moment; where it stands is not this chart's to decide
 */
export function laneOptions(
  width: number,
  colors: LaneColors,
  content: () => LaneContent,
  axis: TimeAxis | undefined,
  cursor: boolean,
): uPlot.Options {
  const columns = uPlot.paths.bars!({
    // A hundredth wider than their share: neighbours show no seam.
    size: [1.01, Infinity],
    // 3: a colour each, by which uPlot groups the columns of one series.
    disp: { fill: { unit: 3, values: () => content().moments.map(({ answer }) => (answer ? colors.emotion(answer.emotion) : null)) } },
  })
  const grid = { show: true, stroke: colors.line, width: 1 }
  return {
    width,
    height: laneHeight(axis),
    padding: cursor ? [0, HALF_NAME, 0, HALF_NAME] : [0, 0, 0, 0],
    legend: { show: false },
    cursor: { show: cursor, y: false, points: { show: false }, drag: { setScale: false, x: false, y: false } },
    scales: {
      x: {
        time: false,
        range: () => {
          const { from, to } = content()
          return [from, to]
        },
      },
      y: { range: [0, 1] },
    },
    axes: [
      {
        show: axis !== undefined,
        size: AXIS_HEIGHT,
        gap: 4,
        font: `12px ${colors.fonts}`,
        stroke: colors.text,
        grid: { show: false },
        ticks: { show: false },
        splits: () => axis?.times(content().from, content().to) ?? [],
        values: (_, times) => times.map((time) => axis?.name(time, content().to) ?? ''),
      },
      { size: 0, ticks: { show: false }, grid, splits: () => [0.5], values: () => [] },
    ],
    series: [{}, { paths: columns, points: { show: false }, width: 0 }],
  }
}
