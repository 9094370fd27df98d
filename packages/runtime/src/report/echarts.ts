import type { EChartsOption } from 'echarts'
import { EmoError } from '@emo/errors'

/** Renders a chart as SVG text, without a DOM. @throws {@link EmoError} `REPORT_DEPENDENCY_MISSING` without echarts */
export async function renderSvg(option: EChartsOption, width: number, height: number): Promise<string> {
  const echarts = await importEcharts()
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height })
  try {
    chart.setOption({ animation: false, backgroundColor: '#fff', textStyle: { fontFamily: 'sans-serif' }, ...option })
    return chart.renderToSVGString()
  } finally {
    chart.dispose()
  }
}

async function importEcharts(): Promise<typeof import('echarts')> {
  try {
    return await import('echarts')
  } catch (error) {
    throw new EmoError(
      'REPORT_DEPENDENCY_MISSING',
      'the pictures of @emo/runtime/report are drawn by echarts, which is not installed: npm install echarts',
      { cause: error },
    )
  }
}
