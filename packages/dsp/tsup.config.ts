import { defineConfig } from 'tsup'
import { library } from '../../tsup.shared.ts'

export default defineConfig([
  library() as never,
  // One file that imports nothing: bundlers copy what `new URL('@emo/dsp/worklet', import.meta.url)` names as it is.
  library({ entry: ['src/worklet.ts'], clean: false, minify: true, noExternal: [/./], splitting: false }) as never,
])
