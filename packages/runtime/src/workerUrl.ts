const isSource = import.meta.url.endsWith('.ts')

/** The training worker: beside this module, as TypeScript when the package runs from its sources. */
export const workerUrl = isSource ? new URL('./replicaWorker.ts', import.meta.url) : new URL('./replicaWorker.js', import.meta.url)

/** A module that needs a loader for TypeScript: the worker itself, when this package runs from its sources, or a recipe. */
export const isTypeScript = (url: string): boolean => /\.[cm]?ts$/.test(url)
