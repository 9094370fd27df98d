import { describe, expect, it } from 'vitest'
import { isLoopback } from '../serviceWorker.ts'

describe('isLoopback', () => {
  it.each(['localhost', 'emo.localhost', '127.0.0.1', '127.1.2.3', '[::1]'])('knows %s', (host) => {
    expect(isLoopback(host)).toBe(true)
  })

  it.each(['emo.example', 'localhost.example', '127.0.0.1.example', '10.0.0.1', '[2001:db8::1]'])('leaves %s alone', (host) => {
    expect(isLoopback(host)).toBe(false)
  })
})
