import { expect, it } from 'vitest'
import { Turns } from '../turns.ts'

const never = new AbortController().signal

it('begins a task when the one before it is done, also where that failed', async () => {
  const turns = new Turns()
  const seen: string[] = []
  const task =
    (name: string, fails = false) =>
    async () => {
      seen.push(`${name} begins`)
      await new Promise((resolve) => setTimeout(resolve, 5))
      seen.push(`${name} ends`)
      if (fails) throw new Error(name)
      return name
    }
  const all = [turns.take(task('a', true), never), turns.take(task('b'), never), turns.take(task('c'), never)]
  expect((await Promise.allSettled(all)).map((one) => one.status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
})

it('leaves out what is not wanted any more when its turn comes', async () => {
  const turns = new Turns()
  const unwanted = new AbortController()
  let begun = false
  const first = turns.take(() => new Promise((resolve) => setTimeout(resolve, 10)), never)
  const second = turns.take(() => Promise.resolve((begun = true)), unwanted.signal)
  const third = turns.take(() => Promise.resolve('third'), never)
  unwanted.abort()
  await first
  await expect(second).rejects.toMatchObject({ name: 'AbortError' })
  expect(await third).toBe('third')
  expect(begun).toBe(false)
})
