import { models } from '../workers/modelClient.ts'
import type { FrameReport } from '../workers/protocol.ts'
import { grabFrame } from './grabFrame.ts'
import { requestMedia } from './microphone.ts'
import { onNextPicture } from './nextPicture.ts'

/** A running camera. */
export interface Camera {
  readonly stream: MediaStream
  readonly deviceId: string | undefined
  stop(): void
}

/** One picture at the model and one waiting: it never idles, and a slow machine skips pictures instead of falling behind. */
const MOST_ASKED = 2

/**
 * Starts looking.
 *
 * @param onEnded - the device went away by itself
 * @param onFailure - the model failed
 * @throws DOMException as `getUserMedia`
 */
export async function startCamera(
  deviceId: string | undefined,
  onReport: (report: FrameReport) => void,
  onEnded: () => void,
  onFailure: (error: unknown) => void,
): Promise<Camera> {
  // Loads while the person is asked; a failure comes up again below.
  models.face.load(true).catch(() => undefined)
  const stream = await requestMedia({
    video: {
      deviceId: deviceId ? { exact: deviceId } : undefined,
      width: { ideal: 640 },
      height: { ideal: 480 },
      frameRate: { ideal: 30 },
    },
  })
  const [track] = stream.getVideoTracks()
  const video = document.createElement('video')
  video.muted = true
  video.playsInline = true
  video.srcObject = stream
  let stopped = false
  let asked = 0

  const look = async (): Promise<void> => {
    if (video.videoWidth === 0) return
    const time = performance.now() / 1000
    const frame = await grabFrame(video)
    const report = await models.face.request('follow', { frame, time }, [frame])
    // Stopped while the model was at work: the answer is about a camera that is off.
    if (!stopped) onReport(report)
  }
  const next = (): void => {
    if (stopped) return
    onNextPicture(video, next)
    if (asked >= MOST_ASKED) return
    asked++
    look()
      .catch((error: unknown) => {
        if (!stopped) onFailure(error)
      })
      .finally(() => asked--)
  }
  track.addEventListener('ended', onEnded)
  const camera: Camera = {
    stream,
    deviceId: track.getSettings().deviceId,
    stop() {
      stopped = true
      track.removeEventListener('ended', onEnded)
      track.stop()
      video.srcObject = null
      // Later questions to the worker come after this one: a restart finds it idle.
      void models.face.request('stopFollowing', {}).catch(() => undefined)
    },
  }
  try {
    await Promise.all([video.play(), models.face.request('startFollowing', {})])
    next()
  } catch (error) {
    camera.stop()
    throw error
  }
  return camera
}
