import type { Signal } from '@preact/signals'
import { CameraPicture } from './cameraPicture.tsx'
import { Consent } from './consent.tsx'
import { live } from './liveSession.ts'
import { LiveSound } from './liveSound.tsx'

/** What is seen and heard, or what Start will do. */
export function Viewport() {
  const stream = live.camera.value
  const listening = live.microphoneOn.value
  const idle = !stream && !listening
  return (
    <div class={`viewport ${live.mode.value === 'voice' ? 'voice-only' : ''}`}>
      {stream && <CameraPicture stream={stream} />}
      {listening && <LiveSound />}
      {idle && !live.problem.value && <Consent />}
      <Notes />
    </div>
  )
}

/** Over the picture: nothing moves when one comes. */
function Notes() {
  return (
    <div class="viewport-notes">
      {live.problem.value && <Note text={live.problem} role="alert" />}
      {live.note.value && <Note text={live.note} role="status" />}
    </div>
  )
}

function Note({ text, role }: { readonly text: Signal<string>; readonly role: 'alert' | 'status' }) {
  return (
    <div class={`notice ${role === 'alert' ? '' : 'info'}`}>
      <span role={role}>{text.value}</span>
      <button
        type="button"
        class="button small"
        onClick={() => {
          text.value = ''
          // This button is gone: the next key goes on from the one that matters.
          document.querySelector<HTMLElement>('.controls .start')?.focus()
        }}
      >
        OK
      </button>
    </div>
  )
}
