import { signal, type Signal } from '@preact/signals'
import { forget, kept } from '../personal/keptModels.ts'
import type { Modality } from '../../../src/prediction.ts'
import type { LiveSpeechReport, Requests, RequestType, WorkerMessage } from './protocol.ts'

/** State of a model: nothing is loaded before it is needed. */
export type ModelState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'loading'; readonly fraction: number | undefined }
  | { readonly phase: 'ready' }
  | { readonly phase: 'failed'; readonly message: string }

/** A failure with the stable code of the package that reported it. */
class ClientError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = 'ClientError'
    this.code = code
  }
}

/** What a worker says where code or weights could not be had; of itself it names addresses, which tell nobody anything. */
const UNREACHABLE =
  'The model could not be loaded: this device is offline, or the server gone, and the browser has not kept the model yet. Connect, then try again.'
const UNREACHABLE_CODES = ['UNEXPECTED', 'WEIGHTS_UNREADABLE']

/** Who asked something. */
interface Waiting {
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
  readonly onProgress?: (done: number) => void
}

/** One model in one worker; started when first asked. */
export class ModelClient {
  readonly modality: Modality
  readonly state: Signal<ModelState> = signal<ModelState>({ phase: 'idle' })
  /** Whether a model of the person's own answers in place of the page's. */
  readonly own: Signal<boolean> = signal(false)
  /** Share of a training done, 0 to 1. */
  readonly training: Signal<number> = signal(0)
  /** Called with every report of a live stream. */
  onLive: ((report: LiveSpeechReport) => void) | undefined
  #worker: Worker | undefined
  #loading: Promise<void> | undefined
  /** The preparation wanted last. */
  #prepared: symbol | undefined
  #nextId = 0
  readonly #waiting = new Map<number, Waiting>()

  constructor(modality: Modality) {
    this.modality = modality
  }

  /**
   * Loads code and weights; further calls wait for the first. After a failure the next call tries again.
   *
   * @param live - with them, at the same time, what only a camera or microphone needs
   */
  load(live = false): Promise<void> {
    this.#loading ??= this.#load(live).catch((error: unknown) => {
      this.#loading = undefined
      this.#worker?.terminate()
      this.#worker = undefined
      this.state.value = { phase: 'failed', message: error instanceof Error ? error.message : String(error) }
      throw error
    })
    return this.#loading
  }

  /**
   * Loads the model and lets it run once, before it is needed. A failure comes up again when it is.
   *
   * @param late - whether something real has come meanwhile that a rehearsal would hold up; asked once the model is loaded
   */
  prepare(late: () => boolean): void {
    if (this.#prepared) return
    const preparation = (this.#prepared = Symbol('preparation'))
    this.load(true)
      .then(async () => {
        if (this.#prepared === preparation && !late()) await this.#send('warmUp', {}, [])
      })
      .catch(() => {
        this.#prepared = undefined
      })
  }

  /** Takes {@link ModelClient.prepare} back as far as it has not happened: the processor is another model's for now. */
  postpone(): void {
    if (this.state.value.phase === 'loading') this.#prepared = undefined
  }

  /**
   * Loads the model if need be, then asks it.
   *
   * @param onProgress - share done, 0 to 1, of what takes long
   */
  async request<T extends RequestType>(
    type: T,
    body: Requests[T]['request'],
    transfer: Transferable[] = [],
    onProgress?: (done: number) => void,
  ): Promise<Requests[T]['response']> {
    await this.load()
    return this.#send(type, body, transfer, onProgress)
  }

  async #load(live: boolean): Promise<void> {
    this.state.value = { phase: 'loading', fraction: undefined }
    this.#worker = new Worker(new URL('./modelWorker.ts', import.meta.url), { type: 'module', name: `${this.modality} model` })
    this.#worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => this.#receive(data)
    this.#worker.onerror = (event) => {
      const error = event.message
        ? new ClientError('WORKER_FAILED', `The model could not be started in this browser: ${event.message}`)
        : new ClientError('MODEL_UNREACHABLE', UNREACHABLE)
      for (const { reject } of this.#waiting.values()) reject(error)
      this.#waiting.clear()
    }
    await this.#send('load', { modality: this.modality, live }, []).catch((error: unknown) => {
      throw UNREACHABLE_CODES.includes((error as ClientError).code) ? new ClientError('MODEL_UNREACHABLE', UNREACHABLE) : error
    })
    await this.#useKept()
    this.state.value = { phase: 'ready' }
  }

  /** What the person asked to keep answers again. */
  async #useKept(): Promise<void> {
    const files = await kept(this.modality)
    if (!files) return
    try {
      await this.#send('importOwn', files, [files.weights.buffer])
      this.own.value = true
    } catch {
      // Damaged, or made with a version of the models that is gone: the page's own model answers.
      await forget(this.modality)
    }
  }

  #send<T extends RequestType>(
    type: T,
    body: Requests[T]['request'],
    transfer: Transferable[],
    onProgress?: (done: number) => void,
  ): Promise<Requests[T]['response']> {
    const id = this.#nextId++
    return new Promise<Requests[T]['response']>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, onProgress })
      this.#worker!.postMessage({ id, type, body }, transfer)
    })
  }

  #receive(message: WorkerMessage): void {
    if (message.kind === 'live') {
      this.onLive?.(message.report)
      return
    }
    if (message.kind === 'training') {
      this.training.value = message.done
      return
    }
    if (message.kind === 'progress') {
      const fraction = message.total ? Math.min(1, message.loaded / message.total) : undefined
      if (this.state.value.phase === 'loading') this.state.value = { phase: 'loading', fraction }
      return
    }
    const waiting = this.#waiting.get(message.id)
    if (message.kind === 'step') {
      waiting?.onProgress?.(message.done)
      return
    }
    this.#waiting.delete(message.id)
    if (message.kind === 'response') waiting?.resolve(message.body as never)
    else waiting?.reject(new ClientError(message.code, message.message))
  }
}

/** The two models of the page. */
export const models = { speech: new ModelClient('speech'), face: new ModelClient('face') } as const
