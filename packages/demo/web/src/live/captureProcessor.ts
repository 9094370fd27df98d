/** Runs on the audio thread: passes the microphone on, mixed to mono, straight to the worker that judges it. */

// The DOM library does not describe the global scope of an AudioWorklet.
declare class AudioWorkletProcessor {
  readonly port: MessagePort
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void

/** Samples a message: 21 ms at 48 kHz. */
const CHUNK = 1024

class CaptureProcessor extends AudioWorkletProcessor {
  #target: MessagePort | undefined
  #chunk = new Float32Array(CHUNK)
  #filled = 0
  #stopped = false

  constructor() {
    super()
    this.port.onmessage = ({ data }: MessageEvent<MessagePort | 'stop'>) => {
      if (data === 'stop') this.#stopped = true
      else this.#target = data
    }
  }

  process([input]: Float32Array[][]): boolean {
    const channels = input.length
    if (this.#target && channels > 0) {
      for (let i = 0; i < input[0].length; i++) {
        let sum = 0
        for (const channel of input) sum += channel[i]
        this.#chunk[this.#filled++] = sum / channels
        if (this.#filled === CHUNK) {
          this.#target.postMessage({ samples: this.#chunk, heardAt: Date.now() }, [this.#chunk.buffer])
          this.#chunk = new Float32Array(CHUNK)
          this.#filled = 0
        }
      }
    }
    return !this.#stopped
  }
}

registerProcessor('capture', CaptureProcessor)
