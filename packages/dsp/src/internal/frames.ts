import { fail, integer, oneOf, samplesOf, type Signal } from './check.ts'

/** How samples beyond the ends of the signal are made up: zeros, mirrored about the end sample, or the end sample repeated. */
export type PadMode = 'constant' | 'reflect' | 'edge'

/** How a signal is cut into frames. */
export interface FrameGrid {
  readonly frameLength: number
  readonly hopLength: number
  /** Samples before the first sample that frame 0 takes in. */
  readonly pad: number
  readonly padMode: PadMode
}

/** Options of every function that cuts a signal into frames. */
interface GridOptions {
  hopLength?: number
  center?: boolean
  padMode?: PadMode
}

/** The checked grid of frames of a length. */
export function frameGrid(options: GridOptions, frameLength: number, hopLength = 512): FrameGrid {
  const { center = true } = options
  return {
    frameLength,
    hopLength: integer(options, 'hopLength', hopLength),
    pad: center ? frameLength >> 1 : 0,
    padMode: oneOf(options, 'padMode', 'constant', 'reflect', 'edge'),
  }
}

/** Number of frames of a signal of `length` samples: 1 + floor((length + padding - frameLength) / hopLength). */
export function countFrames(length: number, { frameLength, hopLength, pad }: FrameGrid): number {
  return Math.max(0, 1 + Math.floor((length + 2 * pad - frameLength) / hopLength))
}

/** As {@link countFrames}, but no frame at all is an error. */
export function framesOf(length: number, grid: FrameGrid): number {
  return countFrames(length, grid) || fail('SIGNAL_TOO_SHORT', 'signal.length', length, `${grid.frameLength} or more, or center: true`)
}

/** The remainder that has the sign of the divisor. */
export function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor
}

/** Index of what stands for element `i` of `length`, or -1 for zero; mirrored, unless `mode` says otherwise. */
export function sourceIndex(i: number, length: number, mode: PadMode | 'wrap' | 'mirror' | 'interp'): number {
  if (i >= 0 && i < length) return i
  if (mode === 'constant') return -1
  if (mode === 'edge' || length < 2) return i < 0 ? 0 : length - 1
  const period = mode === 'wrap' ? length : 2 * (length - 1)
  const index = modulo(i, period)
  return index < length ? index : period - index
}

/** Writes the features of the frame that starts at `data[offset]` to `out` from `at`. */
export type FrameKernel = (data: Float32Array, offset: number, out: Float32Array, at: number) => void

/**
 * Runs a kernel over frames `from` to `until` of a signal of `total` samples, of which `samples[0]` is the one of index `base`; the
 * features of a frame are written to `out` from `at`, `width` after those of the frame before.
 */
export function runFrames(
  run: FrameKernel,
  { frameLength, hopLength, pad, padMode }: FrameGrid,
  samples: Float32Array,
  base: number,
  total: number,
  from: number,
  until: number,
  width: number,
  out = new Float32Array((until - from) * width),
  at = 0,
): Float32Array {
  for (; from < until; from++, at += width) {
    const start = from * hopLength - pad
    if (start >= 0 && start + frameLength <= total) run(samples, start - base, out, at)
    else {
      // Only frames that reach beyond the ends are copied.
      const frame = new Float32Array(frameLength)
      for (let i = 0; i < frameLength; i++) frame[i] = samples[sourceIndex(start + i, total, padMode) - base] ?? 0
      run(frame, 0, out, at)
    }
  }
  return out
}

/** `width` values of every frame, row by row. */
export function mapFrames(signal: Signal, grid: FrameGrid, run: FrameKernel, width = 1): Float32Array {
  const samples = samplesOf(signal)
  const { length } = samples
  return runFrames(run, grid, samples, 0, length, 0, framesOf(length, grid), width)
}
