import { useEffect, useRef } from 'preact/hooks'
import { theme } from '../theme.ts'
import type { SpectrogramPicture } from '../workers/protocol.ts'
import { followSize } from './followSize.ts'

/** Black through violet and orange to pale yellow; equal steps look equally far apart (after matplotlib's inferno, by van der Walt and Smith). */
const STOPS = [
  [16, 14, 28],
  [66, 20, 96],
  [140, 41, 99],
  [213, 72, 64],
  [248, 142, 32],
  [250, 238, 148],
] as const

/** RGBA of the 256 grey values. */
const SPECTROGRAM_COLORS: Uint8ClampedArray = (() => {
  const table = new Uint8ClampedArray(4 * 256)
  for (let value = 0; value < 256; value++) {
    const position = (value / 255) * (STOPS.length - 1)
    const index = Math.min(STOPS.length - 2, Math.floor(position))
    for (let channel = 0; channel < 3; channel++) {
      const low = STOPS[index][channel]
      table[4 * value + channel] = low + (position - index) * (STOPS[index + 1][channel] - low)
    }
    table[4 * value + 3] = 255
  }
  return table
})()

/** Pixels of a spectrogram: time from left to right, low bands at the bottom. */
export function spectrogramImage({ data, frames, bands }: SpectrogramPicture): ImageData {
  const image = new ImageData(Math.max(1, frames), bands)
  for (let frame = 0; frame < frames; frame++) {
    for (let band = 0; band < bands; band++) {
      const from = 4 * data[frame * bands + band]
      image.data.set(SPECTROGRAM_COLORS.subarray(from, from + 4), 4 * ((bands - 1 - band) * frames + frame))
    }
  }
  return image
}

/** A mel spectrogram. */
export function Spectrogram({ picture }: { readonly picture: SpectrogramPicture }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const element = canvas.current!
    element.width = Math.max(1, picture.frames)
    element.height = picture.bands
    element.getContext('2d')!.putImageData(spectrogramImage(picture), 0, 0)
  }, [picture])
  return <canvas ref={canvas} class="canvas-mel" role="img" aria-label="Mel spectrogram: energy by pitch over time" />
}

/** Draws a waveform over a whole canvas. */
export function drawWaveform(canvas: HTMLCanvasElement, peaks: Float32Array, color: string, gain = 1): void {
  const { width, height } = canvas
  const context = canvas.getContext('2d')!
  context.clearRect(0, 0, width, height)
  context.fillStyle = color
  const columns = peaks.length / 2
  const step = width / columns
  for (let column = 0; column < columns; column++) {
    const top = (0.5 - 0.48 * Math.min(1, gain * peaks[2 * column + 1])) * height
    const bottom = (0.5 - 0.48 * Math.max(-1, gain * peaks[2 * column])) * height
    context.fillRect(column * step, top, Math.max(1, step * 0.72), Math.max(devicePixelRatio, bottom - top))
  }
}

/** The waveform of a recording, scaled so that quiet ones can be seen. */
export function Waveform({ peaks }: { readonly peaks: Float32Array }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const colors = theme.value
  useEffect(() => {
    const element = canvas.current!
    const loudest = peaks.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const draw = (): void =>
      drawWaveform(element, peaks, getComputedStyle(document.documentElement).getPropertyValue('--accent'), 1 / Math.max(0.05, loudest))
    return followSize(element, draw)
  }, [peaks, colors])
  return <canvas ref={canvas} class="canvas-wave" role="img" aria-label="Waveform" />
}
