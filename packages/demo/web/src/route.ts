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

function fromHash(): Route {
  const name = location.hash.slice(1)
  return name in ROUTES ? (name as Route) : 'files'
}
