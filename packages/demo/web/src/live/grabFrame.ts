import { FRAME_SIDE } from '../analysis/framePixels.ts'

/**
 * The picture that a video shows. A `VideoFrame` is no more than a reference: its pixels are read by the worker that it is sent to, not here, where it would take
 * as long as a screen's refresh. Browsers without it (Firefox before 130) copy the pixels here.
 */
export async function grabFrame(video: HTMLVideoElement): Promise<VideoFrame | ImageBitmap> {
  if (typeof VideoFrame !== 'undefined') return new VideoFrame(video)
  const { videoWidth, videoHeight } = video
  const scale = Math.min(1, FRAME_SIDE / Math.max(videoWidth, videoHeight))
  return createImageBitmap(video, { resizeWidth: Math.round(videoWidth * scale), resizeHeight: Math.round(videoHeight * scale) })
}
