import { defineConfig } from 'tsup'
import { library } from '../../tsup.shared.ts'

export default [
  library({ clean: false }),
  defineConfig({
    entry: { emo: 'src/cli/bin.ts', predictWorker: 'src/cli/predictWorker.ts' },
    outDir: 'dist/cli',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    splitting: true,
    sourcemap: true,
    noExternal: ['@emo/errors'],
    esbuildOptions(options) {
      options.conditions = ['@emo/source', 'import']
    },
  }),
]
