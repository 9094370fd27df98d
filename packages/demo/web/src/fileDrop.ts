import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { addFiles } from './files/fileStore.ts'

/** Whether files are being dragged over the page. */
export const dragging = signal(false)

/** Takes files that are dropped anywhere, in every view, and shows their answers: dropped beside a box, they must not replace the page. */
export function useFileDrop(): void {
  useEffect(() => {
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false
    const enter = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      event.preventDefault()
      dragging.value = true
    }
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) dragging.value = false
    }
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      event.preventDefault()
      dragging.value = false
      addFiles(event.dataTransfer!.files)
      location.hash = 'files'
    }
    window.addEventListener('dragover', enter)
    window.addEventListener('dragleave', leave)
    window.addEventListener('drop', drop)
    return () => {
      window.removeEventListener('dragover', enter)
      window.removeEventListener('dragleave', leave)
      window.removeEventListener('drop', drop)
    }
  }, [])
}
