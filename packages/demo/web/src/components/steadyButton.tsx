import type { ComponentChildren } from 'preact'

interface SteadyButtonProps {
  readonly class: string
  /** Cannot be pressed now. */
  readonly off: boolean
  readonly onPress: () => void
  readonly label?: string
  readonly children: ComponentChildren
}

/** A button that keeps the focus while it cannot be pressed: a disabled one would drop it, and the next Tab would begin at the top of the page. */
export function SteadyButton({ class: look, off, onPress, label, children }: SteadyButtonProps) {
  return (
    <button type="button" class={look} aria-disabled={off} aria-label={label} onClick={() => off || onPress()}>
      {children}
    </button>
  )
}
