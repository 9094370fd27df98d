export { EmoError, EmoRangeError } from './emoError.ts'
