import { models } from '../workers/modelClient.ts'
import captureProcessor from './captureProcessor.ts?worker&url'

/** A running microphone. */
export interface Microphone {
  readonly sampleRate: number
  readonly deviceId: string | undefined
  /** Stops the device, the audio thread and the stream of answers. */
  stop(): Promise<void>
}

/**
 * Starts listening; answers arrive at `models.speech.onLive`.
 *
 * @param onEnded - the device went away by itself
 * @param before - what the model's load waits for; the device does not
 * @throws DOMException as `getUserMedia`
 */
export async function startMicrophone(deviceId: string | undefined, onEnded: () => void, before: Promise<void>): Promise<Microphone> {
  // Loads while the person is asked; a failure comes up again below.
  const loading = before.then(() => models.speech.load(true))
  loading.catch(() => undefined)
  const sound = await captureSound(deviceId)
  try {
    await loading
    // Heard from before this on: the port keeps the sound until the model is there.
    await models.speech.request('startStream', { sampleRate: sound.sampleRate, chunks: sound.chunks }, [sound.chunks])
  } catch (error) {
    await sound.stop()
    throw error
  }
  sound.track.addEventListener('ended', onEnded)
  return {
    sampleRate: sound.sampleRate,
    deviceId: sound.track.getSettings().deviceId,
    async stop() {
      sound.track.removeEventListener('ended', onEnded)
      await Promise.all([sound.stop(), models.speech.request('stopStream', {})])
    },
  }
}

/** Sound from a device. */
export interface SoundCapture {
  readonly track: MediaStreamTrack
  readonly sampleRate: number
  /** Every message is a `CapturedSound`. */
  readonly chunks: MessagePort
  stop(): Promise<void>
}

/**
 * @param signal - as of {@link requestMedia}
 * @throws DOMException as `getUserMedia`
 */
export async function captureSound(deviceId: string | undefined, signal?: AbortSignal): Promise<SoundCapture> {
  const asked = requestMedia(
    {
      audio: {
        deviceId: deviceId ? { exact: deviceId } : undefined,
        channelCount: 1,
        // What "improves" calls also removes what emotion is heard by.
        echoCancellation: false,
        noiseSuppression: false,
        autoGainControl: false,
      },
    },
    signal,
  )
  let context: AudioContext | undefined
  try {
    // While the person is asked. Without a given rate: that of the device, 44.1 or 48 kHz mostly. The model resamples what it has to.
    const running = (context = new AudioContext())
    const [stream] = await Promise.all([asked, running.audioWorklet.addModule(captureProcessor)])
    const [track] = stream.getAudioTracks()
    const source = running.createMediaStreamSource(stream)
    const node = new AudioWorkletNode(running, 'capture', { numberOfInputs: 1, numberOfOutputs: 0 })
    const { port1, port2 } = new MessageChannel()
    node.port.postMessage(port1, [port1])
    source.connect(node)
    if (running.state === 'suspended') await running.resume()
    return {
      track,
      sampleRate: running.sampleRate,
      chunks: port2,
      async stop() {
        track.stop()
        node.port.postMessage('stop')
        source.disconnect()
        await running.close()
      },
    }
  } catch (error) {
    await Promise.allSettled([context?.close(), asked.then((stream) => stream.getTracks().forEach((track) => track.stop()))])
    throw error
  }
}

/**
 * `getUserMedia`, with a name that can be explained where the browser has none.
 *
 * @param signal - aborted while the person is asked, the device is switched off as soon as they agree
 */
export async function requestMedia(constraints: MediaStreamConstraints, signal?: AbortSignal): Promise<MediaStream> {
  // Typed as always present; absent on pages that are neither https nor loopback.
  const devices = navigator.mediaDevices as MediaDevices | undefined
  if (!devices) throw new DOMException('This page is not served securely.', 'SecurityError')
  const stream = await devices.getUserMedia(constraints)
  if (signal?.aborted) {
    for (const track of stream.getTracks()) track.stop()
    signal.throwIfAborted()
  }
  return stream
}
