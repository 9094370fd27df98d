import { signal } from '@preact/signals'

type Theme = 'light' | 'dark'
const KEY = 'emo-theme'
const system = window.matchMedia('(prefers-color-scheme: dark)')

/** The theme in use: the person's choice, or the system's. */
export const theme = signal<Theme>(stored() ?? systemTheme())

/** Follows the system until the person chooses. */
export function applyTheme(): void {
  theme.subscribe((value) => {
    document.documentElement.dataset.theme = value
  })
  system.addEventListener('change', () => {
    if (!stored()) theme.value = systemTheme()
  })
}

/** Switches between light and dark and remembers it. */
export function toggleTheme(): void {
  theme.value = theme.value === 'dark' ? 'light' : 'dark'
  try {
    localStorage.setItem(KEY, theme.value)
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
}

function systemTheme(): Theme {
  return system.matches ? 'dark' : 'light'
}

function stored(): Theme | undefined {
  try {
    const value = localStorage.getItem(KEY)
    return value === 'light' || value === 'dark' ? value : undefined
  } catch {
    return undefined
  }
}
