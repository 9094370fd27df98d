import { defineConfig, type ViteUserConfig } from 'vitest/config'

const conditions = ['@emo/source', 'module', 'node', 'development|production']

/** Tests run on sources: the `@emo/source` export condition leads from one package to another's `src`. */
export function unitTests(test: NonNullable<ViteUserConfig['test']> = {}) {
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      include: ['src/**/__tests__/**/*.test.ts', 'training/**/__tests__/**/*.test.ts'],
      testTimeout: 60_000,
      // Two cores: more workers than that only compete.
      maxWorkers: 2,
      ...test,
    },
  })
}
