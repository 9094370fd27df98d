/** What {@link observe} notes, in milliseconds of `performance.now()`. */
export interface Observed {
  /** When Start was pressed, and when the page then named an emotion. */
  pressed?: number
  shown?: number
  /** Reports of the speech worker as they reach the page. */
  readonly voice: { time: number; answered: boolean; latency: number; milliseconds: number }[]
  /** Answers of the face worker as they reach the page. */
  readonly face: { time: number; answered: boolean; milliseconds: number }[]
  readonly longTasks: { time: number; duration: number }[]
}

/** The page's window with what was noted. */
export interface ObservedWindow {
  readonly observed: Observed
}

/** Runs in a page before its own code. It is sent as text: nothing from outside may be used here. */
export function observe(): void {
  const observed: Observed = { voice: [], face: [], longTasks: [] }
  Object.assign(window, { observed })
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) observed.longTasks.push({ time: startTime, duration })
  }).observe({ type: 'longtask', buffered: true })
  addEventListener(
    'click',
    ({ target }) => {
      if ((target as Element).closest('button')?.textContent.trim() === 'Start') observed.pressed ??= performance.now()
    },
    true,
  )
  addEventListener('DOMContentLoaded', () => {
    new MutationObserver(() => {
      if (observed.pressed === undefined || observed.shown !== undefined) return
      if (document.querySelector<HTMLElement>('[data-testid=answer]')?.dataset.emotion) observed.shown = performance.now()
    }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-emotion'] })
  })
  window.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options)
      this.addEventListener('message', ({ data }: MessageEvent) => {
        const { kind, report, body } = data as {
          kind: string
          report?: { endedAt: number; milliseconds: number; answer?: unknown }
          body?: { faces?: unknown[]; milliseconds: number }
        }
        const time = performance.now()
        if (kind === 'live' && report) {
          observed.voice.push({
            time,
            answered: report.answer !== undefined,
            latency: Date.now() - report.endedAt,
            milliseconds: report.milliseconds,
          })
        } else if (body?.faces) observed.face.push({ time, answered: body.faces.length > 0, milliseconds: body.milliseconds })
      })
    }
  }
}
