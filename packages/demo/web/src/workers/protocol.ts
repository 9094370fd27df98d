import type { Comparison, Example, FacePixels, ModelFiles } from '../personal/protocol.ts'
import type { EmotionAnswer, FaceAnswer, Modality } from '../../../src/prediction.ts'

/** A moment of a recording. */
export interface TimedAnswer {
  /** Seconds from the start of the recording to the middle of the window. */
  readonly time: number
  /** Nothing where nobody speaks. */
  readonly answer: EmotionAnswer | undefined
}

/** A picture of sound: decibels as grey values, frames first. */
export interface SpectrogramPicture {
  /** 0 is `topDb` below the loudest, 255 the loudest. */
  readonly data: Uint8Array<ArrayBuffer>
  readonly frames: number
  readonly bands: number
}

/** Everything that the page shows of a recording. */
export interface AudioAnalysis {
  readonly kind: 'audio'
  readonly seconds: number
  readonly sampleRate: number
  /** Nothing where nobody speaks. */
  readonly answer: EmotionAnswer | undefined
  readonly timeline: readonly TimedAnswer[]
  /** Lowest and highest sample by turns, one pair a column. */
  readonly peaks: Float32Array<ArrayBuffer>
  readonly spectrogram: SpectrogramPicture
  /** Milliseconds by stage. */
  readonly timings: Readonly<Record<string, number>>
}

/** Everything that the page shows of a picture. */
export interface ImageAnalysis {
  readonly kind: 'image'
  readonly width: number
  readonly height: number
  /** Of the largest face; nothing where no face is found. */
  readonly answer: EmotionAnswer | undefined
  readonly faces: readonly FaceAnswer[]
  /** For the screen, of a kind that not every browser shows. */
  readonly picture?: Blob
  readonly timings: Readonly<Record<string, number>>
}

/** What the live speech stream reports. */
export interface LiveSpeechReport {
  /** Clock of the worker, milliseconds. */
  readonly at: number
  /** Nothing while nobody speaks, or until the first window is full. */
  readonly answer: EmotionAnswer | undefined
  /** Whether somebody speaks. */
  readonly voice: boolean
  /** Loudest and root mean square of the samples since the last report, 0 to 1. */
  readonly peak: number
  readonly rms: number
  /** Lowest and highest sample by turns since the last report. */
  readonly peaks: Float32Array<ArrayBuffer>
  readonly spectrogram: SpectrogramPicture
  /** Of the model, for this window. */
  readonly milliseconds: number
  /** When the audio thread heard the end of the window, by `Date.now()`. */
  readonly endedAt: number
}

/** Samples from the audio thread. */
export interface CapturedSound {
  readonly samples: Float32Array
  /** When the last of them was heard, by `Date.now()`: the only clock that audio threads share with others. */
  readonly heardAt: number
}

/** What a face model sees in one picture of the camera or of a film. */
export interface FrameReport {
  readonly faces: readonly FaceAnswer[]
  /** Size of the picture that the boxes refer to. */
  readonly width: number
  readonly height: number
  readonly milliseconds: number
}

/** Requests to a model worker, and what comes back. */
export interface Requests {
  /** `live`: with what a camera or microphone needs besides the model. */
  load: { request: { modality: Modality; live: boolean }; response: undefined }
  analyzeAudio: { request: { bytes: ArrayBuffer } | { samples: Float32Array; sampleRate: number }; response: AudioAnalysis }
  analyzeImage: { request: { bytes: ArrayBuffer }; response: ImageAnalysis }
  detect: { request: { bitmap: ImageBitmap }; response: FrameReport }
  /** Runs the live path once, on nothing real: its first answer then takes as long as the others. */
  warmUp: { request: Record<string, never>; response: undefined }
  /** Begins to follow faces; `follow` is asked for every picture until `stopFollowing`. */
  startFollowing: { request: Record<string, never>; response: undefined }
  follow: { request: { frame: VideoFrame | ImageBitmap; time: number }; response: FrameReport }
  stopFollowing: { request: Record<string, never>; response: undefined }
  startStream: { request: { sampleRate: number; chunks: MessagePort }; response: undefined }
  /** The largest face, cut out to learn from. */
  cutFace: { request: { bitmap: ImageBitmap }; response: FacePixels | undefined }
  /** Makes a model of the person's own, which answers everything from then on. */
  personalize: { request: { examples: readonly Example[] }; response: Comparison }
  exportOwn: { request: Record<string, never>; response: ModelFiles }
  importOwn: { request: ModelFiles; response: undefined }
  deleteOwn: { request: Record<string, never>; response: undefined }
  stopStream: { request: Record<string, never>; response: undefined }
}

/** Name of a request. */
export type RequestType = keyof Requests

/** To the worker. */
export type WorkerRequest = { [T in RequestType]: { id: number; type: T; body: Requests[T]['request'] } }[RequestType]

/** From the worker. */
export type WorkerMessage =
  | { kind: 'response'; id: number; body: unknown }
  | { kind: 'failure'; id: number; code: string; message: string }
  /** Share of a request done, 0 to 1. */
  | { kind: 'step'; id: number; done: number }
  | { kind: 'progress'; loaded: number; total: number | undefined }
  | { kind: 'training'; done: number }
  | { kind: 'live'; report: LiveSpeechReport }
