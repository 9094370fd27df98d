import { expect, test } from 'vitest'
import { checkBackend, startBackend } from '../index.ts'

test('a network cannot be built before the backend is started', async () => {
  expect(checkBackend).toThrow(expect.objectContaining({ code: 'BACKEND_NOT_STARTED' }))
  await startBackend()
  expect(checkBackend).not.toThrow()
})
