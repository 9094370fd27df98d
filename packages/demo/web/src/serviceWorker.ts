/**
 * Keeps the page and both models for use without network. Not on loopback: the files are on this computer anyway, and another project that is served at the same
 * address later would get this page instead. Not where the person asked the browser to save data: everything would be fetched ahead.
 */
export async function keepForOffline(): Promise<void> {
  // Typed as always present; absent on pages that are neither https nor loopback.
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined
  if (!workers) return
  if (isLoopback(location.hostname)) return takeBack(workers)
  if ((navigator as { connection?: { saveData?: boolean } }).connection?.saveData) return
  await workers.register(new URL('./sw.js', document.baseURI), { scope: './' })
}

/** Whether a name means the computer that asks. */
export function isLoopback(host: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(host)
}

/** Earlier versions of this page registered themselves on loopback, too. */
async function takeBack(workers: ServiceWorkerContainer): Promise<void> {
  const scope = new URL('./', document.baseURI).href
  const registration = await workers.getRegistration(scope)
  // Of this page's own, not of another project's above it.
  if (registration?.scope !== scope) return
  await registration.unregister()
  const names = await caches.keys()
  await Promise.all(names.filter((name) => name.startsWith('workbox-precache') && name.endsWith(scope)).map((name) => caches.delete(name)))
}
