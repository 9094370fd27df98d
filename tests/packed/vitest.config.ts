import { defineConfig } from 'vitest/config'

/** What users get: the packed packages in fresh folders, in Node, on the command line, and behind two bundlers in a real browser. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    globalSetup: ['./packTarballs.ts'],
    // Installing from the registry and bundling take their time on two cores.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    fileParallelism: false,
  },
})
