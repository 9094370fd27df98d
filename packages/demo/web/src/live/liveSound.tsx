import { useEffect, useRef } from 'preact/hooks'
import { drawWaveform, spectrogramImage } from '../components/canvasPictures.tsx'
import { followSize } from '../components/followSize.ts'
import type { LiveSpeechReport } from '../workers/protocol.ts'
import { live } from './liveSession.ts'

/** Columns kept: 6 seconds of 50 a second. */
const COLUMNS = 300

/** The sound of the last seconds: waveform and mel spectrogram, over the lower edge of the picture if there is one. */
export function LiveSound() {
  const wave = useRef<HTMLCanvasElement>(null)
  const mel = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const peaks = new Float32Array(2 * COLUMNS)
    const [waveCanvas, melCanvas] = [wave.current!, mel.current!]
    const draw = (): void => drawWaveform(waveCanvas, peaks, '#cfc9ff', 2)
    const unfollow = followSize(waveCanvas, draw)
    const unsubscribe = live.speech.subscribe((report) => {
      if (!report) return
      peaks.copyWithin(0, report.peaks.length)
      peaks.set(report.peaks, peaks.length - report.peaks.length)
      draw()
      scroll(melCanvas, report)
    })
    return () => {
      unfollow()
      unsubscribe()
    }
  }, [])
  return (
    <div class="sound">
      <canvas ref={wave} role="img" aria-label="Waveform of the microphone" />
      <canvas
        ref={mel}
        width={COLUMNS}
        height={64}
        role="img"
        aria-label="Mel spectrogram of the microphone"
        style={{ background: '#100e1c' }}
      />
    </div>
  )
}

function scroll(canvas: HTMLCanvasElement, { spectrogram }: LiveSpeechReport): void {
  const context = canvas.getContext('2d')!
  context.drawImage(canvas, -spectrogram.frames, 0)
  context.putImageData(spectrogramImage(spectrogram), canvas.width - spectrogram.frames, 0)
}
