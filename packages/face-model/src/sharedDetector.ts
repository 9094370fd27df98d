import type { FaceDetector } from './faceDetector.ts'

/** A detector that a model shares with its copies: the last one that lets go of it frees it. */
export class SharedDetector {
  readonly #detector: FaceDetector
  #users = 1

  constructor(detector: FaceDetector) {
    this.#detector = detector
  }

  /** For one model more. */
  retain(): this {
    this.#users++
    return this
  }

  release(): void {
    if (--this.#users === 0) this.#detector.dispose?.()
  }
}
