import { signal } from '@preact/signals'
import type { Emotion } from '@emo/datasets'
import type { Modality } from '../../../src/prediction.ts'
import { explainFailure } from '../live/explainFailure.ts'
import { captureSound, requestMedia } from '../live/microphone.ts'
import { models } from '../workers/modelClient.ts'
import type { CapturedSound } from '../workers/protocol.ts'
import { forget, keep, kept, packModel, unpackModel } from './keptModels.ts'
import type { Comparison, Example } from './protocol.ts'

/** Length of a recorded example, seconds. */
export const CLIP_SECONDS = 3

/** An example and what the page shows of it. */
export interface ExampleItem {
  readonly id: number
  readonly example: Example
}

/** What the person does now. */
type Activity = 'idle' | 'starting' | 'recording' | 'training'

/** State of the personal view; all of it lives only as long as the page. */
export const personal = {
  modality: signal<Modality>('speech'),
  activity: signal<Activity>('idle'),
  examples: signal<Readonly<Record<Modality, readonly ExampleItem[]>>>({ speech: [], face: [] }),
  comparison: signal<Readonly<Partial<Record<Modality, Comparison>>>>({}),
  kept: signal<Readonly<Record<Modality, boolean>>>({ speech: false, face: false }),
  camera: signal<MediaStream | undefined>(undefined),
  /** In words; empty while all is well. */
  problem: signal(''),
}

let nextId = 0
/** Ends when the view is left: no device opens after that, and nothing more is recorded. */
let visit = new AbortController()

/** Switches everything off, also what is still being asked for. */
export function leavePersonal(): void {
  visit.abort()
  visit = new AbortController()
  closeCamera()
}

/** Looks for what was kept; loads a model only where one was. */
export async function findKept(): Promise<void> {
  for (const modality of ['speech', 'face'] as const) {
    if (!(await kept(modality))) continue
    setFor(personal.kept, modality, true)
    await models[modality].load().catch(() => undefined)
  }
}

/** Records the microphone for {@link CLIP_SECONDS} and adds the clip, if somebody speaks in it. */
export async function recordClip(emotion: Emotion): Promise<void> {
  await during('starting', 'microphone', async (left) => {
    const sound = await record(left)
    personal.activity.value = 'starting'
    if (!(await holdsVoice(sound)))
      personal.problem.value = 'No voice was heard, so nothing was kept. Speak while it records, close to the microphone.'
    else if (!left.aborted) addExample('speech', { emotion, sound })
  })
}

async function record(left: AbortSignal): Promise<{ samples: Float32Array<ArrayBuffer>; sampleRate: number }> {
  const capture = await captureSound(undefined, left)
  try {
    personal.activity.value = 'recording'
    const samples = new Float32Array(Math.round(CLIP_SECONDS * capture.sampleRate))
    await new Promise<void>((resolve, reject) => {
      let filled = 0
      if (left.aborted) reject(left.reason as DOMException)
      left.addEventListener('abort', () => reject(left.reason as DOMException))
      capture.track.addEventListener('ended', () => reject(new DOMException('', 'NotFoundError')))
      capture.chunks.onmessage = ({ data }: MessageEvent<CapturedSound>) => {
        const part = data.samples.subarray(0, samples.length - filled)
        samples.set(part, filled)
        filled += part.length
        if (filled === samples.length) resolve()
      }
    })
    return { samples, sampleRate: capture.sampleRate }
  } finally {
    capture.chunks.close()
    await capture.stop()
  }
}

/** Asked at once: the training, which cannot learn from silence, comes much later. */
async function holdsVoice({ samples, sampleRate }: { samples: Float32Array<ArrayBuffer>; sampleRate: number }): Promise<boolean> {
  const { answer } = await models.speech.request('analyzeAudio', { samples, sampleRate })
  return answer !== undefined
}

/** Switches the camera on, to be looked into. */
export async function openCamera(): Promise<void> {
  await during('starting', 'camera', async (left) => {
    const stream = await requestMedia({ video: { width: { ideal: 640 }, height: { ideal: 480 } } }, left)
    stream.getVideoTracks()[0].addEventListener('ended', () => {
      closeCamera()
      personal.problem.value = 'The camera was unplugged. Connect it again and switch it on.'
    })
    personal.camera.value = stream
  })
}

/** Switches the camera off. */
export function closeCamera(): void {
  for (const track of personal.camera.value?.getTracks() ?? []) track.stop()
  personal.camera.value = undefined
}

/** Adds the largest face that the camera sees. */
export async function takePicture(video: HTMLVideoElement, emotion: Emotion): Promise<void> {
  await during('recording', 'camera', async () => {
    const bitmap = await createImageBitmap(video)
    const picture = await models.face.request('cutFace', { bitmap }, [bitmap])
    if (picture) addExample('face', { emotion, picture })
    else personal.problem.value = 'No face in view: come closer, with light from the front.'
  })
}

/** Takes an example back. */
export function removeExample(modality: Modality, id: number): void {
  setFor(
    personal.examples,
    modality,
    personal.examples.value[modality].filter((item) => item.id !== id),
  )
}

/** Makes the person's own model of the examples. */
export async function train(): Promise<void> {
  const modality = personal.modality.value
  const examples = personal.examples.value[modality].map(({ example }) => example)
  models[modality].training.value = 0
  await during('training', 'training', async () => {
    const comparison = await models[modality].request('personalize', { examples })
    setFor(personal.comparison, modality, comparison)
    models[modality].own.value = true
    // What was kept is an older one.
    if (personal.kept.value[modality]) await keepOwn(modality)
  })
}

/** The own model as a file. */
export async function exportOwn(modality: Modality): Promise<Blob> {
  return packModel(modality, await models[modality].request('exportOwn', {}))
}

/** Takes a model that was exported. */
export async function importOwn(modality: Modality, file: Blob): Promise<void> {
  await during('starting', 'import', async () => {
    const files = await unpackModel(modality, file)
    await models[modality].request('importOwn', files, [files.weights.buffer])
    models[modality].own.value = true
    setFor(personal.comparison, modality, undefined)
  })
}

/** Keeps the own model on this device; asked for by the person only. */
export async function keepOwn(modality: Modality): Promise<void> {
  await during('starting', 'keep', async () => {
    await keep(modality, await models[modality].request('exportOwn', {}))
    setFor(personal.kept, modality, true)
  })
}

/** Forgets the own model, kept or not; the page's answers again. The examples stay until they are removed. */
export async function deleteOwn(modality: Modality): Promise<void> {
  await during('starting', 'delete', async () => {
    await forget(modality)
    setFor(personal.kept, modality, false)
    await models[modality].request('deleteOwn', {})
    models[modality].own.value = false
    setFor(personal.comparison, modality, undefined)
  })
}

const AGAIN = { microphone: 'press the emotion again', camera: 'press the button again' } as const

const FAILED = {
  training: 'The training failed',
  import: 'The file was not taken',
  keep: 'This browser does not keep the model',
  delete: 'The model was not deleted',
} as const

/** @param work - gets what tells it that the view was left */
async function during(
  activity: Activity,
  what: 'microphone' | 'camera' | keyof typeof FAILED,
  work: (left: AbortSignal) => Promise<void>,
): Promise<void> {
  const { signal } = visit
  const outer = personal.activity.value
  personal.problem.value = ''
  personal.activity.value = activity
  try {
    await work(signal)
  } catch (error) {
    if (what !== 'microphone' && what !== 'camera')
      personal.problem.value = `${FAILED[what]}: ${error instanceof Error ? error.message : String(error)}`
    // Once the view is left, nobody waits for the device.
    else if (!signal.aborted) personal.problem.value = explainFailure(what, error, AGAIN[what])
  } finally {
    personal.activity.value = outer
  }
}

function addExample(modality: Modality, example: Example): void {
  setFor(personal.examples, modality, [...personal.examples.value[modality], { id: nextId++, example }])
}

function setFor<T>(state: { value: Readonly<Partial<Record<Modality, T>>> }, modality: Modality, value: T | undefined): void {
  state.value = { ...state.value, [modality]: value }
}
