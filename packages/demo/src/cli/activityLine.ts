/** What goes on, on stderr, for work whose end is not known: redrawn in a terminal, a plain line now and then in a log. */
export interface ActivityLine {
  /** Stops and removes the line. */
  stop(): void
}

const FIRST_AFTER_MS = 1_000
const REDRAW_MS = 200
const LOG_EVERY_MS = 30_000

/**
 * @param text - what to say, asked again each time
 * @param quiet - never print
 */
export function startActivityLine(text: () => string, stream: NodeJS.WriteStream, quiet: boolean): ActivityLine {
  if (quiet) return { stop: () => undefined }
  const started = performance.now()
  let drawn = false
  const show = (): void => {
    const seconds = (performance.now() - started) / 1000
    if (seconds * 1000 < FIRST_AFTER_MS) return
    const line = `${text()}, ${seconds.toFixed(0)} s`
    if (stream.isTTY) {
      stream.write(`\r\u001b[2K${line}`)
      drawn = true
    } else stream.write(`emo: ${line}\n`)
  }
  const timer = setInterval(show, stream.isTTY ? REDRAW_MS : LOG_EVERY_MS)
  return {
    stop() {
      clearInterval(timer)
      if (drawn) stream.write('\r\u001b[2K')
    },
  }
}
