import { unitTests } from '../../../vitest.shared.ts'

export default unitTests({
  root: import.meta.dirname,
  include: ['*.test.ts'],
  testTimeout: 600_000,
  hookTimeout: 120_000,
  fileParallelism: false,
})
