import type { ModelClient } from '../workers/modelClient.ts'

/** What a model that is being loaded shows. */
export function ModelProgress({ client, fallback }: { readonly client: ModelClient; readonly fallback: string }) {
  const state = client.state.value
  const loading = state.phase === 'loading'
  const fraction = loading ? state.fraction : undefined
  const text = loading ? `Loading the ${client.modality} model` : fallback
  return (
    <div class="working" role="status">
      <span>{text}</span>
      <div
        class={`progress ${fraction === undefined ? 'unknown' : ''}`}
        role="progressbar"
        aria-label={text}
        aria-valuenow={fraction === undefined ? undefined : Math.round(100 * fraction)}
      >
        <div style={fraction === undefined ? undefined : { transform: `scaleX(${fraction})` }} />
      </div>
    </div>
  )
}
