import { signal, type Signal } from '@preact/signals'
import type { FileItem } from './fileStore.ts'

/** The file whose card takes the focus as soon as it is there: the button that gave it goes away. */
export const focusedFile: Signal<FileItem | undefined> = signal(undefined)
