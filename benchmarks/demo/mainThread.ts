import type { Browser, CDPSession, Page } from 'playwright-core'

/** What the main thread of one page did. */
export interface MainThread {
  readonly seconds: number
  readonly tasks: number
  /** Milliseconds of each task over 50 by the clock on the wall: those that the browser calls long. They hold what other threads and programs took from it meanwhile. */
  readonly longTasks: readonly number[]
  /** Milliseconds of processor time of the dearest task: its own work, whatever else runs. */
  readonly dearestTask: number
  /** Tasks over 50 ms of processor time. */
  readonly dearTasks: number
  /** Milliseconds of processor time a second. */
  readonly load: number
}

interface TraceEvent {
  readonly ph: string
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly dur?: number
  readonly tdur?: number
}

/** A mark in the trace, by which the page's process is known: the browser's own pages, its address bar's among them, have processes of the same kind. */
const mark = 'emo: the traced page'

/** Records a page's main thread in a trace of the browser. No other page of the same origin may be open. */
export async function traceMainThread(browser: Browser, page: Page, seconds: number): Promise<MainThread> {
  const debug = await browser.newBrowserCDPSession()
  const events: TraceEvent[] = []
  debug.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])))
  // Tasks and marks only: finer categories cost the page more than they tell.
  await debug.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel', 'blink.user_timing', '__metadata'] },
  })
  await page.evaluate((name) => void performance.mark(name), mark)
  await page.waitForTimeout(1000 * seconds)
  await endTracing(debug)
  const marked = events.find(({ name }) => name === mark)
  if (marked === undefined) throw new Error('The trace does not hold the mark of its page.')
  const tasks = events.filter(
    ({ ph, name, pid, tid }) => ph === 'X' && name === 'ThreadControllerImpl::RunTask' && pid === marked.pid && tid === marked.tid,
  )
  const wall = tasks.map(({ dur = 0 }) => dur / 1000)
  const own = tasks.map(({ tdur = 0 }) => tdur / 1000)
  return {
    seconds,
    tasks: tasks.length,
    longTasks: wall.filter((milliseconds) => milliseconds > 50),
    dearestTask: Math.max(0, ...own),
    dearTasks: own.filter((milliseconds) => milliseconds > 50).length,
    load: own.reduce((sum, milliseconds) => sum + milliseconds, 0) / seconds,
  }
}

async function endTracing(debug: CDPSession): Promise<void> {
  const complete = new Promise<void>((resolve) => debug.once('Tracing.tracingComplete', () => resolve()))
  await debug.send('Tracing.end')
  await complete
  await debug.detach()
}

/** A page with nothing but the camera's video: what the browser itself does there, no page can save. */
export async function showBareVideo(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const video = document.createElement('video')
    video.muted = true
    document.body.replaceChildren(video)
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480, frameRate: 30 } })
    await video.play()
  })
}
