import { defineConfig, type Options } from 'tsup'

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
    shims: true,
    noExternal: ['@emo/errors'],
    esbuildOptions(options) {
      options.conditions = ['@emo/source', 'import']
    },
    ...overrides,
    dts: overrides.dts ?? { resolve: ['@emo/errors'] },
  })
}
