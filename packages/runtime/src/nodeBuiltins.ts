interface NodeProcess {
  readonly versions?: { readonly node?: string }
  getBuiltinModule?<Name extends keyof NodeModules>(name: Name): NodeModules[Name]
}

interface NodeModules {
  'node:fs': typeof import('node:fs')
  'node:module': typeof import('node:module')
  'node:url': typeof import('node:url')
}

/**
 * A built-in module of Node, or `undefined` elsewhere.
 *
 * `import('node:fs')` would do in Node, but webpack refuses the `node:` scheme when it builds for browsers.
 */
export function nodeBuiltin<Name extends keyof NodeModules>(name: Name): NodeModules[Name] | undefined {
  const { process } = globalThis as { process?: NodeProcess }
  return process?.versions?.node === undefined ? undefined : process.getBuiltinModule?.(name)
}
