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
 * @throws DOMException as `getUserMedia`
 */
export async function startMicrophone(deviceId: string | undefined, onEnded: () => void): Promise<Microphone> {
  const [stream] = await Promise.all([
    // What "improves" calls (gain control, noise suppression) also removes what emotion is heard by.
    requestMedia({
      audio: {
        deviceId: deviceId ? { exact: deviceId } : undefined,
        channelCount: 1,
        echoCancellation: false,
        noiseSuppression: false,
        autoGainControl: false,
      },
    }),
    models.speech.load(),
  ])
  const [track] = stream.getAudioTracks()
  let context: AudioContext | undefined
  try {
    // Without a given rate: that of the device, 44.1 or 48 kHz mostly. The model resamples what it has to.
    context = new AudioContext()
    await context.audioWorklet.addModule(captureProcessor)
    const source = context.createMediaStreamSource(stream)
    const node = new AudioWorkletNode(context, 'capture', { numberOfInputs: 1, numberOfOutputs: 0 })
    const { port1, port2 } = new MessageChannel()
    node.port.postMessage(port1, [port1])
    await models.speech.request('startStream', { sampleRate: context.sampleRate, chunks: port2 }, [port2])
    source.connect(node)
    if (context.state === 'suspended') await context.resume()
    track.addEventListener('ended', onEnded)
    const running = context
    return {
      sampleRate: running.sampleRate,
      deviceId: track.getSettings().deviceId,
      async stop() {
        track.removeEventListener('ended', onEnded)
        track.stop()
        node.port.postMessage('stop')
        source.disconnect()
        await Promise.all([running.close(), models.speech.request('stopStream', {})])
      },
    }
  } catch (error) {
    track.stop()
    await context?.close()
    throw error
  }
}

/** `getUserMedia`, with a name that can be explained where the browser has none. */
export async function requestMedia(constraints: MediaStreamConstraints): Promise<MediaStream> {
  // Typed as always present; absent on pages that are neither https nor loopback.
  const devices = navigator.mediaDevices as MediaDevices | undefined
  if (!devices) throw new DOMException('This page is not served securely.', 'SecurityError')
  return devices.getUserMedia(constraints)
}
