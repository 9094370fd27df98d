import type { DeviceKind } from './explainFailure.ts'
import { chooseDevice, live } from './liveSession.ts'

/** Which microphone and camera, folded away: most people have one of each, and the answer needs the room. */
export function DeviceChoices() {
  const mode = live.mode.value
  return (
    <details class="devices">
      <summary>{mode === 'both' ? 'Devices' : 'Device'}</summary>
      {mode !== 'face' && <DeviceChoice kind="microphone" />}
      {mode !== 'voice' && <DeviceChoice kind="camera" />}
    </details>
  )
}

function DeviceChoice({ kind }: { readonly kind: DeviceKind }) {
  const devices = (kind === 'microphone' ? live.microphones : live.cameras).value
  const chosen = (kind === 'microphone' ? live.microphoneId : live.cameraId).value
  return (
    <label class="field">
      <span>{kind === 'microphone' ? 'Microphone' : 'Camera'}</span>
      {/* Devices have names only once they may be used; the place is there before. */}
      <select value={chosen} disabled={devices.length === 0} onChange={(event) => void chooseDevice(kind, event.currentTarget.value)}>
        {devices.length === 0 && <option>Default {kind}</option>}
        {devices.map((device, index) => (
          <option key={device.deviceId} value={device.deviceId}>
            {device.label || `${kind} ${index + 1}`}
          </option>
        ))}
      </select>
    </label>
  )
}
