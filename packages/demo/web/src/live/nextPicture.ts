/** How often cameras send pictures, milliseconds. */
const PICTURE_MILLISECONDS = 1000 / 30

/** Calls back once a video shows its next picture; browsers that do not tell when (Firefox before 132) are asked as often as cameras send one. */
export function onNextPicture(video: Partial<Pick<HTMLVideoElement, 'requestVideoFrameCallback'>>, look: () => void): void {
  if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(look)
  else setTimeout(look, PICTURE_MILLISECONDS)
}
