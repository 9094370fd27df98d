import type { Route } from '../route.ts'
import { models } from '../workers/modelClient.ts'

/** Where answers are given, says whose they are: after weeks, nobody remembers a model that was kept. */
export function OwnModelNote({ view }: { readonly view: Route }) {
  const own = [models.speech.own.value && 'voice', models.face.own.value && 'face'].filter(Boolean)
  if (own.length === 0 || (view !== 'files' && view !== 'live')) return null
  return (
    <p class="notice info own-note" role="status">
      <span>
        Your own {own.join(' and ')} {own.length > 1 ? 'models answer' : 'model answers'} here, not the built-in{' '}
        {own.length > 1 ? 'ones' : 'one'}.
      </span>
      <a href="#personal">Change</a>
    </p>
  )
}
