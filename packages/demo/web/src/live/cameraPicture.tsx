import { useSignal, type Signal } from '@preact/signals'
import { Fragment } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { EMOTION_FACES } from 'virtual:emotion-faces'
import type { CorpusEmotion } from '@emo/datasets'
import { EMOTION_DISPLAY } from '../../../src/emotionDisplay.ts'
import { percent } from '../components/answerPanel.tsx'
import { live } from './liveSession.ts'
import { placeFace, type FacePlace, type PictureSize } from './placeFace.ts'

/** What the camera sees, mirrored, with a box and a label for every face. */
export function CameraPicture({ stream }: { readonly stream: MediaStream }) {
  const video = useRef<HTMLVideoElement>(null)
  const boxes = useRef<HTMLDivElement>(null)
  const size = useSignal({ width: 0, height: 0 })
  useEffect(() => {
    const element = video.current!
    const overlay = boxes.current!
    element.srcObject = stream
    void element.play().catch(() => undefined)
    // The boxes lie over the part of the element that the picture fills.
    const place = (): void => {
      const { videoWidth, videoHeight, clientWidth, clientHeight } = element
      if (videoWidth === 0) return
      const scale = Math.min(clientWidth / videoWidth, clientHeight / videoHeight)
      const [width, height] = [videoWidth * scale, videoHeight * scale]
      Object.assign(overlay.style, { display: 'block', width: `${width}px`, height: `${height}px` })
      size.value = { width, height }
    }
    const observer = new ResizeObserver(place)
    observer.observe(element)
    element.addEventListener('resize', place)
    element.addEventListener('loadedmetadata', place)
    return () => {
      observer.disconnect()
      element.removeEventListener('resize', place)
      element.removeEventListener('loadedmetadata', place)
      element.srcObject = null
    }
  }, [stream])
  return (
    <>
      <video ref={video} class="mirrored" muted playsInline aria-label="What the camera sees, mirrored" />
      <div ref={boxes} class="boxes mirrored">
        <Faces size={size} />
      </div>
    </>
  )
}

/** Draws itself for every picture that was judged, and nothing else with it. */
function Faces({ size }: { readonly size: Signal<PictureSize> }) {
  const view = live.view.value
  if (!view) return null
  return (
    <>
      {view.faces.map(({ box, emotion, confidence }, index) => {
        const place = placeFace(box, view, size.value, view.faces.length)
        return (
          <Fragment key={index}>
            <span class={`face-box emotion-${emotion}`} style={place.box} />
            <span class="face-label" style={place.label}>
              <span class={place.side}>
                <span class="mirrored">
                  <img src={EMOTION_FACES[emotion]} alt="" width="18" height="18" />
                  {words(place.says, emotion, confidence)}
                </span>
              </span>
            </span>
          </Fragment>
        )
      })}
    </>
  )
}

/** One text: of two, the second would move when the first changes. */
function words(says: FacePlace['says'], emotion: CorpusEmotion, confidence: number): string {
  if (says === 'face') return ''
  return says === 'all' ? `${EMOTION_DISPLAY[emotion].label} ${percent(confidence)}` : percent(confidence)
}
