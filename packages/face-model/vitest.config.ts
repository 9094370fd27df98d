import { unitTests } from '../../vitest.shared.ts'

export default unitTests({ include: ['{src,training,examples}/**/__tests__/**/*.test.ts'] })
