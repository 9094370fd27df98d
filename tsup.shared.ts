import { fileURLToPath } from 'node:url'
import { defineConfig, type Options } from 'tsup'

const importMetaUrl = fileURLToPath(new URL('./tsup.importMetaUrl.ts', import.meta.url))

/** One build for every library: ESM + CJS + declarations. `@emo/errors` is internal and bundled into each. */
export function library(overrides: Options = {}) {
  return defineConfig({
    entry: ['src/index.ts'],
    format: ['esm', 'cjs'],
    target: 'es2022',
    platform: 'neutral',
    sourcemap: true,
    clean: true,
    treeshake: true,
    noExternal: ['@emo/errors'],
    esbuildOptions(options, { format }) {
      options.conditions = ['@emo/source', 'import']
      if (format === 'cjs') {
        options.inject = [...(options.inject ?? []), importMetaUrl]
        options.define = { ...options.define, 'import.meta.url': 'importMetaUrl' }
      }
    },
    ...overrides,
    dts: overrides.dts ?? { resolve: ['@emo/errors'] },
  })
}
