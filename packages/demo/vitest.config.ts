import { unitTests } from '../../vitest.shared.ts'

export default unitTests({ include: ['src/**/__tests__/**/*.test.ts', 'web/src/**/__tests__/**/*.test.ts'] })
