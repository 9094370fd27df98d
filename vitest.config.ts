import { defineConfig } from 'vitest/config'

/** All packages' unit tests in one run. */
export default defineConfig({ test: { projects: ['packages/*/vitest.config.ts'], maxWorkers: 2 } })
