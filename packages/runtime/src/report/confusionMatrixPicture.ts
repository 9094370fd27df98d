import { renderSvg } from './echarts.ts'

/** How a confusion matrix is drawn. */
export interface ConfusionMatrixPictureOptions {
  readonly title?: string
}

/**
 * Draws a confusion matrix: counts as text, the share of the true class as colour.
 *
 * @param matrix - `matrix[truth][predicted]` of counts
 * @param classNames - one for each row
 * @returns SVG text
 * @throws {@link EmoError} `REPORT_DEPENDENCY_MISSING` without echarts
 */
export async function renderConfusionMatrix(
  matrix: readonly (readonly number[])[],
  classNames: readonly string[],
  { title = 'confusion matrix' }: ConfusionMatrixPictureOptions = {},
): Promise<string> {
  const size = classNames.length
  const cells = matrix.flatMap((row, truth) => {
    const support = row.reduce((sum, count) => sum + count, 0)
    return row.map((count, predicted) => {
      const share = support === 0 ? 0 : count / support
      return { value: [predicted, truth, share], label: { show: true, formatter: String(count), color: share > 0.5 ? '#fff' : '#333' } }
    })
  })
  return renderSvg(
    {
      title: { text: title, left: 'center' },
      grid: { left: 96, right: 24, top: 48, bottom: 96 },
      xAxis: {
        type: 'category',
        name: 'predicted',
        nameLocation: 'middle',
        nameGap: 64,
        data: [...classNames],
        axisLabel: { rotate: 45, interval: 0 },
      },
      yAxis: { type: 'category', name: 'truth', inverse: true, data: [...classNames], axisLabel: { interval: 0 } },
      visualMap: { show: false, min: 0, max: 1, dimension: 2, inRange: { color: ['#f7fbff', '#6baed6', '#08306b'] } },
      series: [{ type: 'heatmap', data: cells }],
    },
    140 + 56 * size,
    164 + 48 * size,
  )
}
