import { fail, integer, oneOf, samplesOf, type Signal } from './check.ts'

/** How samples beyond the ends of the signal are made up: zeros, mirrored about the end sample, or the end sample repeated. */
export type PadMode = 'constant' | 'reflect' | 'edge'

/** How a signal is cut into frames. */
export interface FrameGrid {
  readonly frameLength: number
  readonly hopLength: number
  readonly center: boolean
  readonly padMode: PadMode
}

/** Checks the numbers of a grid. */
export function frameGrid(frameLength: number, hopLength: number, center: boolean, padMode: PadMode): FrameGrid {
  integer('hopLength', hopLength)
  oneOf('padMode', padMode, 'constant', 'reflect', 'edge')
  return { frameLength, hopLength, center, padMode }
}

/** Samples before the first sample that frame 0 takes in. */
export function leftPad(grid: FrameGrid): number {
  return grid.center ? grid.frameLength >> 1 : 0
}

/** Number of frames of a signal of `length` samples: 1 + floor((length + padding - frameLength) / hopLength). */
export function countFrames(length: number, grid: FrameGrid): number {
  return Math.max(0, 1 + Math.floor((length + 2 * leftPad(grid) - grid.frameLength) / grid.hopLength))
}

/** Copies a frame that reaches beyond [0, total) from `samples`, whose first sample has the index `base`. */
export function padFrame(samples: Float32Array, base: number, total: number, start: number, mode: PadMode, out: Float32Array): void {
  const period = 2 * (total - 1)
  for (let i = 0; i < out.length; i++) {
    let index = start + i
    if (index < 0 || index >= total) {
      if (mode === 'constant') {
        out[i] = 0
        continue
      }
      if (mode === 'edge' || total === 1) index = index < 0 ? 0 : total - 1
      else {
        index = ((index % period) + period) % period
        if (index >= total) index = period - index
      }
    }
    out[i] = samples[index - base]
  }
}

/**
 * Visits every frame of a whole signal in order. The frame is `frameLength` samples of `data` from `offset`; the memory
 * is the signal's own or scratch, so do not keep it.
 */
export function eachFrame(signal: Float32Array, grid: FrameGrid, visit: (data: Float32Array, offset: number, index: number) => void): void {
  const scratch = new Float32Array(grid.frameLength)
  for (let t = 0; t < framesOf(signal.length, grid); t++) {
    const start = t * grid.hopLength - leftPad(grid)
    if (start >= 0 && start + grid.frameLength <= signal.length) visit(signal, start, t)
    else {
      padFrame(signal, 0, signal.length, start, grid.padMode, scratch)
      visit(scratch, 0, t)
    }
  }
}

/** As {@link countFrames}, but no frame at all is an error. */
export function framesOf(length: number, grid: FrameGrid): number {
  const count = countFrames(length, grid)
  if (count === 0) fail('SIGNAL_TOO_SHORT', 'signal.length', length, `give ${grid.frameLength} or more, or center: true`)
  return count
}

/** `width` values of every frame, row by row. */
export function mapFrames(signal: Signal, grid: FrameGrid, width: number, run: (data: Float32Array, offset: number, out: Float32Array, at: number) => void): Float32Array {
  const samples = samplesOf(signal)
  const out = new Float32Array(framesOf(samples.length, grid) * width)
  eachFrame(samples, grid, (data, offset, t) => run(data, offset, out, t * width))
  return out
}
