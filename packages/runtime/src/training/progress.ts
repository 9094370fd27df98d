import { SingleBar } from 'cli-progress'
import type { EpochRecord } from './runOptions.ts'
import type { StepReport } from './replica.ts'

/** How progress is shown: a bar, lines for logs, nothing, or whatever the terminal allows. */
export type ProgressStyle = 'auto' | 'bar' | 'lines' | 'silent'

/** Shows a run's progress on stderr. */
export interface ProgressDisplay {
  step(report: StepReport): void
  epoch(record: EpochRecord, best: boolean): void
  note(text: string): void
  stop(): void
}

/** Makes the display of a run. */
export function createProgress(style: ProgressStyle, epochs: number, batchesPerEpoch: number): ProgressDisplay {
  if (style === 'silent') return { step: nothing, epoch: nothing, note: nothing, stop: nothing }
  const { stderr } = process
  const bar = style === 'bar' || (style === 'auto' && stderr.isTTY) ? createBar(epochs) : undefined
  const clock = createClock(epochs, batchesPerEpoch)
  const print = (line: string) => {
    bar?.stop()
    stderr.write(`${line}\n`)
  }
  let lastLine = 0
  let shown = -1
  return {
    step(report) {
      const { epoch, step } = report
      const left = clock.left(epoch, step)
      if (bar) {
        if (shown !== epoch) bar.start(batchesPerEpoch, 0, { ...describe(report), epoch: epoch + 1, left })
        shown = epoch
        bar.update(step, { ...describe(report), epoch: epoch + 1, left })
      } else if (Date.now() - lastLine >= 15_000) {
        lastLine = Date.now()
        const { text, rate } = describe(report)
        print(`epoch ${epoch + 1}/${epochs}  step ${step}/${batchesPerEpoch}  ${text}  ${rate}/s  ${left} left`)
      }
    },
    epoch(record, best) {
      shown = -1
      print(`epoch ${record.epoch}/${epochs}  ${describeEpoch(record)}${best ? '  *' : ''}`)
    },
    note: print,
    stop: () => bar?.stop(),
  }
}

function nothing(): void {
  // silent
}

function createBar(epochs: number): SingleBar {
  return new SingleBar({
    format: `epoch {epoch}/${epochs} {bar} {value}/{total}  {text}  {rate}/s  {left} left`,
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    fps: 4,
    gracefulExit: false,
    stream: process.stderr,
  })
}

function describe({ sums }: StepReport): { text: string; rate: string } {
  const means = Object.entries(sums.metrics).map(([name, sum]) => `${name} ${(sum / sums.count).toFixed(4)}`)
  return { text: [`loss ${(sums.loss / sums.count).toFixed(4)}`, ...means].join('  '), rate: (sums.count / sums.seconds).toFixed(0) }
}

function describeEpoch({ loss, learningRate, seconds, examplesPerSecond, train, evaluation }: EpochRecord): string {
  const numbers = (values: Readonly<Record<string, number>>) => Object.entries(values).map(([name, value]) => `${name} ${value.toFixed(4)}`)
  const evaluated = evaluation ? [`| ${numbers(evaluation).join('  ')}`] : []
  return [
    `loss ${loss.toFixed(4)}`,
    ...numbers(train),
    ...evaluated,
    `| rate ${learningRate.toPrecision(3)}  ${seconds.toFixed(1)} s  ${examplesPerSecond.toFixed(0)}/s`,
  ].join('  ')
}

/** Estimates the time left from the steps since the start of this process, evaluations included. */
function createClock(epochs: number, batchesPerEpoch: number): { left(epoch: number, step: number): string } {
  let start: { time: number; steps: number } | undefined
  return {
    left(epoch, step) {
      const steps = epoch * batchesPerEpoch + step
      start ??= { time: performance.now(), steps }
      if (steps === start.steps) return '?'
      const seconds = ((performance.now() - start.time) / 1000 / (steps - start.steps)) * (epochs * batchesPerEpoch - steps)
      return formatDuration(seconds)
    },
  }
}

/** E.g. `1 h 03 min`, `12 min 5 s`, `40 s`. */
function formatDuration(seconds: number): string {
  const total = Math.round(seconds)
  const hours = Math.floor(total / 3600)
  const minutes = Math.floor((total % 3600) / 60)
  if (hours > 0) return `${hours} h ${String(minutes).padStart(2, '0')} min`
  return minutes > 0 ? `${minutes} min ${total % 60} s` : `${total} s`
}
