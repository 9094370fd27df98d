import { library } from '../../tsup.shared.ts'

const entries = ['src/index.ts', 'src/node.ts', 'src/training.ts', 'src/report.ts']

// scripts/finishBuild.mjs does the rest.
export default library({
  entry: [...entries, 'src/tf.ts', 'src/replicaWorker.ts'],
  // `export * as tf` of two packages must stay a module of its own: bundled, its names (JavaScript) and types are lost.
  external: [/^node:/, /^\.\.?\/tf\.ts$/],
  dts: { entry: entries, resolve: ['@emo/errors'] },
})
