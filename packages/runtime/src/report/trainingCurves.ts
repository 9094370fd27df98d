import type { EpochRecord } from '../training/runOptions.ts'
import { renderSvg } from './echarts.ts'

/** One line of a chart: a value an epoch; null where there is none. */
interface Curve {
  readonly name: string
  readonly values: readonly (number | null)[]
}

/**
 * Draws a metric over epochs: its mean in training and its evaluation, whichever the history has.
 *
 * @param history - epochs as `train` records them
 * @param metric - `loss`, or a metric that the recipe reported
 * @returns SVG text; undefined if the history does not have the metric
 * @throws {@link EmoError} `REPORT_DEPENDENCY_MISSING` without echarts
 */
export async function renderTrainingCurve(history: readonly EpochRecord[], metric: string): Promise<string | undefined> {
  const training: Curve = {
    name: 'training',
    values: history.map((record) => (metric === 'loss' ? record.loss : (record.train[metric] ?? null))),
  }
  const evaluation: Curve = { name: 'evaluation', values: history.map((record) => record.evaluation?.[metric] ?? null) }
  const curves = [training, evaluation].filter(({ values }) => values.some((value) => value !== null))
  if (curves.length === 0) return undefined
  return renderSvg(
    {
      title: { text: metric, left: 'center' },
      legend: { top: 28 },
      grid: { left: 60, right: 24, top: 64, bottom: 48 },
      xAxis: { type: 'category', name: 'epoch', nameLocation: 'middle', nameGap: 28, data: history.map(({ epoch }) => epoch) },
      yAxis: { type: 'value', scale: true },
      series: curves.map(({ name, values }) => ({
        name,
        type: 'line',
        showSymbol: values.length === 1,
        connectNulls: true,
        data: [...values],
      })),
    },
    640,
    400,
  )
}
