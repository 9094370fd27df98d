import { unitTests } from '../../../vitest.shared.ts'

export default unitTests({ root: import.meta.dirname, include: ['*.test.ts'], testTimeout: 120_000 })
