import { signal } from '@preact/signals'

/** The views of the page, by their fragment: no server has to know them. */
export const ROUTES = { files: 'Files', live: 'Live', personal: 'Personal', about: 'How it works' } as const
/** Name of a view. */
export type Route = keyof typeof ROUTES

/** The view shown. */
export const route = signal<Route>(fromHash())

window.addEventListener('hashchange', () => {
  route.value = fromHash()
})

/** Title of the window in a view: tabs and histories are told apart by it. */
export function titleOf(view: Route): string {
  return view === 'files' ? 'Emo: emotion from voice and face' : `${ROUTES[view]} · Emo`
}

function fromHash(): Route {
  const name = location.hash.slice(1)
  return name in ROUTES ? (name as Route) : 'files'
}
