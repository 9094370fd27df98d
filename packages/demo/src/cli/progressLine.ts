/** Progress on stderr: a line that redraws itself in a terminal, a plain line now and then in a log. */
export interface ProgressLine {
  update(done: number): void
  /** Removes the line, so that other output starts clean; the next update draws it again. */
  clear(): void
}

const FIRST_AFTER_MS = 1_000
const REDRAW_MS = 100
const LOG_EVERY_MS = 30_000

/** @param quiet - never print */
export function createProgressLine(total: number, stream: NodeJS.WriteStream, quiet: boolean): ProgressLine {
  if (quiet || total < 2) return { update: () => undefined, clear: () => undefined }
  const started = performance.now()
  const interactive = stream.isTTY
  let last = started
  let drawn = false
  const clear = (): void => {
    if (!drawn) return
    stream.write('\r\u001b[2K')
    drawn = false
  }
  return {
    clear,
    update(done) {
      const now = performance.now()
      if (interactive ? now - started < FIRST_AFTER_MS || now - last < REDRAW_MS : now - last < LOG_EVERY_MS) return
      last = now
      const rate = done / ((now - started) / 1000)
      const text = `${done} of ${total} files, ${rate.toFixed(rate < 10 ? 1 : 0)} a second, ${formatDuration((total - done) / rate)} left`
      if (!interactive) {
        stream.write(`emo: ${text}\n`)
        return
      }
      const width = 24
      const filled = Math.round((width * done) / total)
      stream.write(`\r\u001b[2K${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${text}`)
      drawn = true
    },
  }
}

function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?'
  const s = Math.round(seconds)
  if (s < 60) return `${s} s`
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`
  return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} min`
}
