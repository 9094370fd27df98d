/**
 * `import.meta.url` for the CommonJS builds; the bundler puts this in its place.
 *
 * Not tsup's own shim, which is `new URL('file:' + __filename)`: in a folder whose name holds `#`, `?` or `%` that is another file.
 */
export const importMetaUrl: string = moduleUrl()

declare const __filename: string

function moduleUrl(): string {
  const { process, document, location } = globalThis as {
    process?: { getBuiltinModule?(name: 'node:url'): typeof import('node:url') }
    document?: { readonly currentScript: { readonly src?: string } | null; readonly baseURI: string }
    location?: { readonly href: string }
  }
  // Not require: webpack refuses the `node:` scheme when it builds for browsers.
  const url = process?.getBuiltinModule?.('node:url')
  if (url) return url.pathToFileURL(__filename).href
  return document?.currentScript?.src ?? new URL('main.js', document?.baseURI ?? location?.href).href
}
