/**
 * Gives a canvas as many pixels as the screen shows of it, now and whenever that changes. Its size is told by the browser after a layout, never asked for in the
 * middle of one.
 *
 * @param onChange - the canvas is empty then
 * @returns stops following
 */
export function followSize(canvas: HTMLCanvasElement, onChange: () => void): () => void {
  const observer = new ResizeObserver(([{ contentRect }]) => {
    canvas.width = Math.max(1, Math.round(contentRect.width * devicePixelRatio))
    canvas.height = Math.max(1, Math.round(contentRect.height * devicePixelRatio))
    onChange()
  })
  observer.observe(canvas)
  return () => observer.disconnect()
}
