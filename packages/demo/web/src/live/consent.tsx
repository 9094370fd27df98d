import { models } from '../workers/modelClient.ts'
import { live, type LiveMode } from './liveSession.ts'

/** What Start will do, in place of a picture that is not there yet. */
export function Consent() {
  const mode = live.mode.value
  const starting = live.status.value === 'starting'
  const states = [...(mode !== 'face' ? [models.speech.state.value] : []), ...(mode !== 'voice' ? [models.face.state.value] : [])]
  const loading = states.filter((state) => state.phase === 'loading')
  const fractions = loading.flatMap((state) => state.fraction ?? [])
  const ready = states.every((state) => state.phase === 'ready')
  const title = starting ? (loading.length > 0 ? 'Loading the models' : 'Asking for your devices') : 'Nothing is on until you press Start'
  return (
    <div class="consent">
      {/* In the middle: another title is another element, not one that moves. */}
      <h2 key={title}>{title}</h2>
      <p>
        {JUDGED[mode]} Only answers stay: for a minute, or until you stop. Nothing is recorded, nothing is sent. Ask others before you point
        it at them.
      </p>
      <div class="loading">
        {loading.length > 0 || starting ? (
          <div class={`progress ${fractions.length === 0 ? 'unknown' : ''}`} role="progressbar" aria-label="Loading the models">
            <div style={fractions.length === 0 ? undefined : { transform: `scaleX(${Math.min(...fractions)})` }} />
          </div>
        ) : (
          ready && <span>{states.length > 1 ? 'Both models are ready.' : 'The model is ready.'}</span>
        )}
      </div>
    </div>
  )
}

const JUDGED: Readonly<Record<LiveMode, string>> = {
  both: 'Your voice and face are judged inside this page; sound and pictures are forgotten at once.',
  face: 'Your face is judged inside this page; pictures are forgotten at once.',
  voice: 'Your voice is judged inside this page; sound is forgotten at once.',
}
